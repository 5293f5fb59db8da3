# What import lines of a clone of 0.1 become: sed --regexp-extended --in-place --file from-0.1.sed FILES
# The longest paths first. What it cannot know is told in from-0.1.md.

# the domain's kernel
s/\bchalicelib\.domain\.(address|errors|model|money|requirements)\b/carafe.domain.\1/
s/^from \.(address|errors|model|money|requirements) import/from carafe.domain.\1 import/

# clients: the parts of all, and the service's own, which is one file now
s/\bchalicelib\.contracts\.client\.(breaker|errors|events|limits|pages|reading|service_client|timed_connections|transport)\b/carafe.client.\1/
s/\bchalicelib\.contracts\.client\.exchange\b/carafe.client.http_connections/
s/^from \.(breaker|events|limits|pages|reading|service_client|timed_connections|transport) import/from carafe.client.\1 import/
s/\bchalicelib\.contracts\.client\.[a-z]+ import/chalicelib.contracts.client import/

# contracts
s/\bchalicelib\.contracts\.(base|correlation|envelope|problem|validation)\b/carafe.contracts.\1/
s/^from \.(base|correlation|envelope|problem|validation) import/from carafe.contracts.\1 import/
s/\bchalicelib\.contracts\.integration_events import IntegrationEvent$/carafe.contracts.integration_events import IntegrationEvent/
s/^from \.integration_events import IntegrationEvent$/from carafe.contracts.integration_events import IntegrationEvent/

# infrastructure
s/\bchalicelib\.infrastructure\.database\.mongo\.views\b/carafe.contracts.views/
s/\bchalicelib\.infrastructure\.database\.mongo\.mongo_repository\b/carafe.infrastructure.database.mongo.mongo_repository/
s/\bchalicelib\.infrastructure\.database\.mongo\.([a-z_]+_repository)\b/chalicelib.infrastructure.repositories.\1/
s/^from \.mongo_repository import/from carafe.infrastructure.database.mongo.mongo_repository import/
s/\bchalicelib\.infrastructure\.external_services\.http_client\b/carafe.infrastructure.external_services.http_client/
s/^from \.http_client import/from carafe.infrastructure.external_services.http_client import/
s/\bchalicelib\.infrastructure\.bootstrap import Container$/carafe.infrastructure.container import Container/
s/\bchalicelib\.infrastructure\.cqrs\.buses\b/carafe.infrastructure.event_bus/
s/\bchalicelib\.infrastructure\.cqrs\.(nudges|outbox|relay)\b/carafe.infrastructure.outbox.\1/
s/\bchalicelib\.infrastructure\.(authorization|cqrs|database|errors|identifiers|logs|secrets)\b/carafe.infrastructure.\1/

# the API
s/\bchalicelib\.api\.amazon_mq\b/carafe.api.lambda_events/
s/\bchalicelib\.api\.(asyncapi|authorizer|endpoints|functions|gateway|handlers|openapi|preconditions|problems|requests)\b/carafe.api.\1/

# the workflow, and what tests support
s/\bworkflow\.(servers|event_sources|first_event|queues|rehearse)\b/carafe.development.\1/
s/\btests\.support\.(api_server|arrivals|cut|inbound|processes|proxy|scripted_server|sqs|tokens)\b/carafe.testing.\1/
