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
  const it = resolved(schema);
  if (it.anyOf) return it.anyOf.map(rule).join(' or ');
  if ('const' in it) return json(it.const);
  if (it.enum) return it.enum.map(json).join(', ');
  if (it.type === 'array') return `list${count(it, 'Items')} of ${rule(it.items)}`;
  if (it.type === 'object') return it.title || 'object';
  const bounds = [];
  if ('minimum' in it) bounds.push(`at least ${it.minimum}`);
  if ('maximum' in it) bounds.push(`at most ${it.maximum}`);
  if ('minLength' in it || 'maxLength' in it) bounds.push(`${count(it, 'Length').trim()} characters`);
  if (it.description) bounds.push(it.description);
  else if (it.pattern) bounds.push(`matches ${it.pattern.replace('(?!\\n)', '')}`);
  return [it.format || it.type || 'string', ...bounds].join(', ');
}

function count(schema, what) {
  const least = schema[`min${what}`] ?? 0;
  const most = schema[`max${what}`];
  return most === undefined && !least ? '' : ` ${least} to ${most ?? 'any number of'}`;
}

/** Draws the fields of an object, and below each one the fields of the objects in it. */
function fields(schema) {
  const it = resolved(schema);
  if (it.anyOf) return fields(it.anyOf[0]);
  if (it.type === 'array') return it.items ? fields(it.items) : null;
  if (it.type !== 'object' || !it.properties) return null;
  return make('ul', {className: 'fields'}, ...Object.entries(it.properties).map(([name, part]) => {
    const needed = (it.required || []).includes(name) ? '' : 'optional: ';
    return make('li', {}, make('code', {}, name), ' ',
      make('span', {className: 'rule'}, needed + rule(part)), fields(part));
  }));
}

function asSchema(schema) {
  return make('div', {className: 'schema'}, make('h4', {}, resolved(schema).title || 'Fields'),
    fields(schema));
}

function list(pairs) {
  return make('dl', {}, ...pairs.flatMap(([name, text]) => [
    make('dt', {}, name), make('dd', {}, text),
  ]));
}

// An operation to read

function answers(operation) {
  const all = Object.entries(operation.responses);
  const refusals = all.filter(([status]) => status >= 400);
  return [
    ...all.filter(([status]) => status < 400).map(answer),
    make('details', {},
      make('summary', {}, make('span', {className: 'bad'}, 'Refusals'),
        make('span', {className: 'note'}, refusals.map(([status]) => status).join(', '))),
      make('div', {className: 'inside'}, ...refusals.map(answer))),
  ];
}

function answer([status, {description, content = {}, headers = {}}]) {
  const [type, {schema, example}] = Object.entries(content)[0] || ['no body', {}];
  return make('details', {},
    make('summary', {},
      make('span', {className: status < 400 ? 'good' : 'bad'}, status),
      make('span', {}, description), make('span', {className: 'note'}, type)),
    make('div', {className: 'inside'},
      schema ? beside(make('pre', {}, json(example)), asSchema(schema)) : null,
      list(Object.entries(headers).map(([name, header]) => [name, resolved(header).description]))));
}

function beside(...parts) {
  return make('div', {className: 'beside'}, ...parts);
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
  const note = [required ? 'required' : 'optional', description || rule(schema)].join(', ');
  return field(`${operation.operationId}-${name}`, name, input, note);
}

function bodyField(operation) {
  const {schema, example} = operation.requestBody.content['application/json'];
  const input = make('textarea', {
    name: 'body', spellcheck: false, rows: json(example).split('\n').length,
  });
  input.dataset.in = 'body';
  offer(input, () => json(withCreated(example)));
  const body = field(`${operation.operationId}-body`, 'Body', input, 'JSON');
  body.classList.add('above');
  return beside(body, asSchema(schema));
}

function parameterFields(operation, place) {
  const parameters = operation.parameters.map(resolved).filter((each) => each.in === place);
  return parameters.map((each) => parameterField(operation, each));
}

function headerFields(operation) {
  const names = operation.parameters.map(resolved).filter((each) => each.in === 'header');
  const inputs = parameterFields(operation, 'header');
  return inputs.length === 0 ? null : make('details', {className: 'headers'},
    make('summary', {}, 'Headers',
      make('span', {className: 'note'}, names.map((each) => each.name).join(', '))),
    make('div', {className: 'inside'}, ...inputs));
}

// What was created on this page is offered where its id is asked for

const created = new Map(); // ids, by the names of collections in paths

const offers = [];

/** Fills a field, and fills it again after each creation, until somebody writes into it. */
function offer(input, value) {
  let offered = '';
  const fill = () => {
    if (input.value === offered) input.value = offered = value();
  };
  offers.push(fill);
  fill();
}

function withCreated(value, name = '') {
  if (Array.isArray(value)) return value.map((each) => withCreated(each, name));
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, withCreated(each, key)]));
  }
  return (name.endsWith('_id') && createdFor(name)) || value;
}

/** Finds what `category_id` may mean: what was created in `/categories`. */
function createdFor(name) {
  const word = name.replace(/y?_id$/, '').replaceAll('_', '-');
  const collection = [...created.keys()].sort((a, b) => a.length - b.length)
    .find((each) => each.startsWith(word));
  return created.get(collection);
}

function noteCreated(answer) {
  const [, collection, id] = /([^/]+)\/([^/]+)$/.exec(answer.headers.get('Location')) || [];
  if (answer.status !== 201 || !id) return;
  created.set(collection, decodeURIComponent(id));
  for (const fill of offers) fill();
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
    noteCreated(answer);
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
  const made = make('form', {},
    ...parameterFields(operation, 'path'),
    operation.requestBody ? bodyField(operation) : null,
    ...parameterFields(operation, 'query'),
    headerFields(operation), button, output);
  const id = made.querySelector('[data-in=path]');
  if (id) offer(id, () => created.get(path.split('/')[1]) ?? '');
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
