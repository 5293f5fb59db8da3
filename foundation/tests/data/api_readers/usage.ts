// Uses the types that openapi-typescript made of the document; `tsc` refuses what does not fit.
import type {components, operations, paths} from './openapi';

type Schemas = components['schemas'];

const address: Schemas['Address'] = {
  recipient: 'Maria Weber',
  street: 'Lindenallee 12',
  city: 'Leipzig',
  postal_code: '04109',
  country: 'DE',
};

export const order: Schemas['PlaceOrder'] = {
  lines: [{product_id: '019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35', quantity: 2}],
  shipping_address: address,
};

export const change: operations['changeShippingAddress']['parameters'] = {
  path: {id: '019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35'},
  header: {'If-Match': '"3"', 'Idempotency-Key': 'change-1'},
};

export const firstPage: operations['listOrders']['parameters']['query'] = {status: 'paid', limit: 5};

// @ts-expect-error: what has no value is left out of a query string
export const nothing: operations['listOrders']['parameters']['query'] = {cursor: null};

// @ts-expect-error: no order stands there
export const nowhere: Schemas['OrderStatus'] = 'lost';

type Placed = paths['/orders']['post']['responses'][201]['content']['application/json'];
type Refused = paths['/orders']['post']['responses'][409]['content']['application/problem+json'];

export function told(answer: Placed | Refused): string {
  return 'code' in answer ? answer.code : `${answer.id}, version ${answer.version}`;
}
