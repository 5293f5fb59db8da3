"""The routes of the catalogue."""

from carafe.api.endpoints import Endpoints

from chalicelib.contracts.commands import ChangeProductPrice, DiscontinueProduct, RegisterProduct
from chalicelib.contracts.queries import GetProduct, ListProducts, ProductPage, ProductView

endpoints = Endpoints("products")

endpoints.command("POST", "/products", RegisterProduct, creates=True)
endpoints.query("/products", ListProducts, ProductPage)
endpoints.query("/products/{id}", GetProduct, ProductView)
endpoints.command("PUT", "/products/{id}/price", ChangeProductPrice)
endpoints.command("DELETE", "/products/{id}", DiscontinueProduct)
