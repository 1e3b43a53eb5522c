// Phone numbers while they are typed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTRIES, methodName, operatorName } from '../src/rules/countries.ts';
import { phoneRead, phoneShow, phoneText } from '../src/rules/number.ts';

const country = (code: string) => COUNTRIES.find((each) => each.code === code) ?? null;
const read = (text: string, home = 'CI') => {
  const found = phoneRead(text, COUNTRIES, country(home));
  return found === null ? null : `${found.country.code} ${found.national} ${found.operator?.method ?? '-'}`;
};

test('a number is read with or without its country', () => {
  for (const text of ['0707895086', '07 07 89 50 86', '+225 07 07 89 50 86', '00225 0707895086', '2250707895086', '07.07.89.50.86', '07-07-89-50-86']) {
    assert.equal(read(text), 'CI 0707895086 OM', text);
  }
  assert.equal(read('+221 77 123 45 67'), 'SN 771234567 OMSN');
  assert.equal(read('77 123 45 67', 'SN'), 'SN 771234567 OMSN');
});

test('an old number is known as one, its operator is left to the server', () => {
  assert.equal(read('+225 07 89 50 86'), 'CI 07895086 OM');
  assert.equal(read('97123456', 'BJ'), 'BJ 97123456 -');
});

test('the longest beginning tells the operator', () => {
  assert.equal(read('650123456', 'CM'), 'CM 650123456 MTNCM');
  assert.equal(read('655123456', 'CM'), 'CM 655123456 OMCM');
});

test('what is no number is none', () => {
  for (const text of ['', '12', 'abc', '0707', '070789508612345', '+33612345678', '07 07 89 50 8x']) assert.equal(read(text), null, text);
});

test('a number is shown in pairs', () => {
  assert.equal(phoneText('225', '0707895086'), '+225 07 07 89 50 86');
  assert.equal(phoneText('221', '771234567'), '+221 771 23 45 67');
  assert.equal(phoneShow('+2250707895086', COUNTRIES), '+225 07 07 89 50 86');
  assert.equal(phoneShow('+33612345678', COUNTRIES), '+33612345678');
});

test('operators have names that people know', () => {
  assert.equal(methodName('OMSN'), 'Orange Money SN');
  assert.equal(methodName('NOSUCH'), 'NOSUCH');
  assert.equal(operatorName('WAVECI'), 'Wave');
  assert.equal(operatorName('MOMO'), 'MTN MoMo');
});
