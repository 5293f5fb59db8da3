'use strict';
// Draws openapi.json as a page, with a form for each operation. Texts are only ever set as
// text: nothing that a document or an answer says becomes markup.

const byId = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((each) => each !== null));
  return made;
}

const json = (value) => JSON.stringify(value, null, 2);

// What the document refers to

let api;

function resolved(value) {
  if (!value || !value.$ref) return value;
  return value.$ref.slice(2).split('/').reduce((found, name) => found[name], api);
}

/** Says what a schema asks for, in a few words. */
function rule(schema) {
  const {$ref} = schema;
  const it = resolved(schema);
  if (it.anyOf) return it.anyOf.map(rule).join(' or ');
  if ('const' in it) return json(it.const);
  if (it.enum) return it.enum.map(json).join(', ');
  if (it.type === 'array') return `list${count(it, 'Items')} of ${rule(it.items)}`;
  if (it.type === 'object') return $ref ? it.title : 'object';
  const bounds = [];
  if ('minimum' in it) bounds.push(`at least ${it.minimum}`);
  if ('maximum' in it) bounds.push(`at most ${it.maximum}`);
  if ('minLength' in it || 'maxLength' in it) bounds.push(`${count(it, 'Length').trim()} characters`);
  if (it.description) bounds.push(it.description);
  else if (it.pattern) bounds.push(`matches ${it.pattern}`);
  return [it.format || it.type || 'string', ...bounds].join(', ');
}

function count(schema, what) {
  const least = schema[`min${what}`] ?? 0;
  const most = schema[`max${what}`];
  return most === undefined && !least ? '' : ` ${least} to ${most ?? 'any number of'}`;
}

/** Lists the fields of an object, and of the objects in it, by their JSON pointers. */
function fields(schema, above = '') {
  const it = resolved(schema);
  if (it.anyOf) return fields(it.anyOf[0], above);
  if (it.type === 'array') return fields(it.items, `${above}/0`);
  if (it.type !== 'object') return [];
  return Object.entries(it.properties).flatMap(([name, part]) => {
    const needed = (it.required || []).includes(name) ? '' : 'optional: ';
    return [[`${above}/${name}`, needed + rule(part)], ...fields(part, `${above}/${name}`)];
  });
}

function list(pairs) {
  return make('dl', {}, ...pairs.flatMap(([name, text]) => [
    make('dt', {}, name), make('dd', {}, text),
  ]));
}

// An operation to read

function answers(operation) {
  return Object.entries(operation.responses).map(([status, answer]) => {
    const [type, content] = Object.entries(answer.content || {})[0] || ['no body', {}];
    const headers = Object.entries(answer.headers || {})
      .map(([name, header]) => [name, resolved(header).description]);
    return make('details', {},
      make('summary', {},
        make('span', {className: status < 400 ? 'good' : 'bad'}, status),
        make('span', {}, answer.description), make('span', {className: 'note'}, type)),
      make('div', {className: 'inside'},
        content.example ? make('pre', {}, json(content.example)) : null, list(headers)));
  });
}

function described(operation) {
  const [scope] = Object.values((operation.security || [])[0] || {}).flat();
  const needs = scope ? `Needs a token with the scope ${scope}.` : 'Needs a token, of any scope.';
  return make('p', {className: 'note'}, needs);
}

// An operation to try

function field(id, name, input, note) {
  input.id = id;
  input.setAttribute('aria-describedby', `${id}-note`);
  return make('div', {className: 'field'},
    make('label', {htmlFor: id}, name), input,
    make('span', {className: 'rule', id: `${id}-note`}, note));
}

function parameterField(operation, parameter) {
  const {name, required, schema, description} = parameter;
  const example = (schema.examples || [])[0] ?? schema.default;
  const input = make('input', {
    name, required: Boolean(required), autocomplete: 'off', spellcheck: false,
    placeholder: example === undefined || example === null ? '' : `such as ${example}`,
  });
  input.dataset.in = parameter.in;
  const where = {path: 'in the path', query: 'in the query', header: 'header'}[parameter.in];
  const note = [required ? 'required' : 'optional', where, description || rule(schema)].join(', ');
  return field(`${operation.operationId}-${name}`, name, input, note);
}

function bodyField(operation) {
  const content = operation.requestBody.content['application/json'];
  const text = json(content.example);
  const input = make('textarea', {
    name: 'body', value: text, spellcheck: false, rows: text.split('\n').length,
  });
  input.dataset.in = 'body';
  return field(`${operation.operationId}-body`, 'Body', input, 'JSON; these are its fields:');
}

/** Reads a form: the address, and what fetch wants to know. */
function request(form, method, path) {
  const headers = {};
  const query = new URLSearchParams();
  let body;
  for (const {name, value, dataset} of form.querySelectorAll('[name]')) {
    if (dataset.in === 'body') [body, headers['Content-Type']] = [value, 'application/json'];
    else if (dataset.in === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value && dataset.in === 'query') query.append(name, value);
    else if (value) headers[name] = value;
  }
  const token = byId('token').value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const search = query.toString() ? `?${query}` : '';
  // Relative to this page: API Gateway serves it below the stage's name.
  return [path.slice(1) + search, {method, headers, body, cache: 'no-store'}];
}

async function answered(form, method, path) {
  let answer;
  let text;
  try {
    const [address, options] = request(form, method, path);
    answer = await fetch(address, options);
    text = await answer.text();
  } catch (error) {
    return [make('p', {className: 'bad'}, `Not sent, or no whole answer came: ${error.message}`)];
  }
  const status = `${answer.status} ${answer.statusText}`.trim();
  return [
    make('p', {className: answer.ok ? 'good' : 'bad'}, status),
    text ? make('pre', {}, readable(text)) : null,
    list([...answer.headers]),
  ];
}

function readable(text) {
  try {
    return json(JSON.parse(text));
  } catch {
    return text;
  }
}

function form(operation, method, path) {
  const button = make('button', {type: 'submit'}, 'Send');
  const output = make('output', {'aria-live': 'polite'});
  const body = operation.requestBody;
  const inputs = operation.parameters.map(resolved);
  const asField = (each) => parameterField(operation, each);
  const made = make('form', {},
    ...inputs.filter((each) => each.required).map(asField),
    body ? bodyField(operation) : null,
    body ? list(fields(body.content['application/json'].schema)) : null,
    ...inputs.filter((each) => !each.required).map(asField),
    button, output);
  made.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    output.replaceChildren();
    const parts = await answered(made, method, path);
    output.replaceChildren(make('h3', {}, 'Answer'), ...parts.filter((each) => each !== null));
    button.disabled = false;
  });
  return made;
}

// The page

function section(operation, method, path) {
  const name = method.toUpperCase();
  const made = make('details', {id: operation.operationId},
    make('summary', {},
      make('span', {className: 'method'}, name), make('span', {className: 'path'}, path),
      make('span', {className: 'note'}, operation.summary)));
  made.addEventListener('toggle', () => {
    made.append(make('div', {className: 'inside'},
      described(operation), form(operation, name, path), make('h3', {}, 'Answers'),
      ...answers(operation)));
  }, {once: true});
  return made;
}

function draw() {
  document.title = `${api.info.title}: API`;
  byId('title').textContent = `${api.info.title} ${api.info.version}`;
  byId('about').replaceChildren(...api.info.description.split('`').map((part, position) =>
    position % 2 ? make('code', {}, part) : part));
  const tags = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const [tag] = operation.tags;
      tags.set(tag, [...(tags.get(tag) || []), section(operation, method, path)]);
    }
  }
  byId('operations').replaceChildren(...[...tags].map(([tag, sections]) =>
    make('section', {'aria-labelledby': anchor(tag)},
      make('h2', {id: anchor(tag)}, tag), ...sections)));
  byId('contents').replaceChildren(make('ul', {}, ...[...tags.keys()].map((tag) =>
    make('li', {}, make('a', {href: `#${anchor(tag)}`}, tag)))));
}

// An id has no spaces, and a tag may have several words.
function anchor(tag) {
  return `tag-${tag.replaceAll(' ', '-')}`;
}

async function start() {
  try {
    const answer = await fetch('openapi.json');
    api = await answer.json();
    draw();
  } catch (error) {
    byId('state').textContent = `openapi.json cannot be read: ${error.message}`;
  }
}

byId('sign-in').addEventListener('submit', (event) => event.preventDefault());
start();
