"""Handlers of the commands about products."""

from collections.abc import Mapping

from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.model import Clock
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.cqrs.mediator import CommandHandler
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.contracts.commands import ChangeProductPrice, DiscontinueProduct, RegisterProduct
from chalicelib.domain.product import Product


class ProductCommands(Struct, frozen=True):
    """The handlers, with the ports they need."""

    products: Repository[Product]
    clock: Clock

    def handlers(self) -> Mapping[type[Command], CommandHandler]:
        """Return the handler of each command."""
        return {
            RegisterProduct: self.register,
            ChangeProductPrice: self.change_price,
            DiscontinueProduct: self.discontinue,
        }

    def register(self, command: RegisterProduct, context: CommandContext) -> CommandResult:
        """Enter a product into the catalogue."""
        return create(
            self.products,
            context,
            lambda product_id: Product.register(
                product_id=product_id,
                sku=command.sku,
                name=command.name,
                price=command.price.to_domain(),
                at=self.clock(),
            ),
        )

    def change_price(self, command: ChangeProductPrice, context: CommandContext) -> CommandResult:
        """Let the product cost something else."""
        return change(
            self.products,
            command.id,
            context,
            lambda product: product.change_price(command.price.to_domain(), at=self.clock()),
        )

    def discontinue(self, command: DiscontinueProduct, context: CommandContext) -> CommandResult:
        """Take the product out of the catalogue."""
        return change(
            self.products,
            command.id,
            context,
            lambda product: product.discontinue(at=self.clock()),
            delete=True,
        )
