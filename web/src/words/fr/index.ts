import { office } from './office.ts';
import { pay } from './pay.ts';
import { shared } from './shared.ts';

export const fr = { ...shared, ...pay, ...office };
