import type { Words } from '../index.ts';
import { office } from './office.ts';
import { pay } from './pay.ts';
import { shared } from './shared.ts';

export const en: Words = { ...shared, ...pay, ...office };
