"""From a checkout to what AWS deploys: a template, and the functions' code in a zip."""
