"""From the checkout to what AWS takes: a template, and the functions' code in a zip."""
