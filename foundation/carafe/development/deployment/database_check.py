"""Checks whether a deployment would lead a stage to another database, which is empty."""

from collections.abc import Iterator

from carafe.development.event_sources import MIGRATE

from .account import client
from .stage_settings import CONFIG
from .stages import Stage
from .template.naming import function_name


def faults_of_database(stage: Stage) -> Iterator[str]:
    """Yield that the functions which are deployed use another database."""
    functions = client("lambda")
    try:
        deployed = functions.get_function_configuration(FunctionName=function_name(MIGRATE, stage))
    except functions.exceptions.ResourceNotFoundException:
        return
    variables = deployed.get("Environment", {}).get("Variables", {})
    database = variables.get("MONGO_DATABASE", stage.database)
    if database != stage.database:
        yield (
            f"the documents of {stage.stack} are in the database {database}, and this deployment "
            f'would begin an empty one, {stage.database}: set "mongodb_database": "{database}" in '
            f"the stage {stage.name} of {CONFIG}"
        )
