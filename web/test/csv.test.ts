// Lists of people, as spreadsheets save them and as people paste them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesText, cellText, cellsRead, listRead, listText, ROWS_MAX } from '../src/rules/csv.ts';

const people = (text: string) => listRead(text).rows.map(({ phone, amount, name, surname }) => [phone, amount, name, surname].join('|'));

test('titles say which column is what, in French and English', () => {
  assert.deepEqual(people('Nom;Prénoms;Téléphone;Montant (FCFA)\nKoné;Awa;0707895086;12 500\n'), ['0707895086|12 500|Koné|Awa']);
  assert.deepEqual(people('phone,amount,name,surname\n0707895086,500,Koné,Awa\n'), ['0707895086|500|Koné|Awa']);
  assert.deepEqual(people('prefix,phone,amount,client_transaction_id,notify_url,name,surname\n225,0707895086,500,pay-1,http://x,Koné,Awa'), ['0707895086|500|Koné|Awa']);
});

test('without titles, numbers look like numbers', () => {
  assert.deepEqual(people('Koné\tAwa\t0707895086\t12500\nTraoré\tMoussa\t0505895086\t5000'), ['0707895086|12500|Koné|Awa', '0505895086|5000|Traoré|Moussa']);
  assert.deepEqual(people('0707895086;500'), ['0707895086|500||']);
});

test('lines with blanks are read as people write them', () => {
  assert.deepEqual(people('07 07 89 50 86  5 000 F  Koné Awa\n0505895086 2500 Traoré\n'), ['07 07 89 50 86|5 000|Koné Awa|', '0505895086|2500|Traoré|']);
});

test('cells are quoted as RFC 4180 says', () => {
  assert.deepEqual(cellsRead('\ufeffa,"b ""x"", c"\r\n"d\ne",f\n\n,\n'), [
    { line: 1, cells: ['a', 'b "x", c'] }, { line: 2, cells: ['d\ne', 'f'] }]);
});

test('a row knows the line where it stands', () => {
  assert.deepEqual(listRead('phone;amount\n0707895086;500\n\n0505895086;600\n').rows.map(({ line }) => line), [2, 4]);
});

test('a file is read in what Windows saves, too', () => {
  assert.equal(bytesText(Uint8Array.from([0x4b, 0x6f, 0x6e, 0xe9])), 'Koné');
  assert.equal(bytesText(new TextEncoder().encode('Koné')), 'Koné');
  assert.equal(bytesText(Uint8Array.from([0xff, 0xfe, 0x4b, 0x00, 0xe9, 0x00])), 'Ké');
});

test('a list has an end', () => {
  const { rows, cut } = listRead('0707895086;500\n'.repeat(ROWS_MAX + 3));
  assert.deepEqual([rows.length, cut], [ROWS_MAX, 3]);
});

test('nothing is a formula to a spreadsheet', () => {
  assert.equal(cellText('=1+1'), "'=1+1");
  assert.equal(cellText('@SUM(A1)'), "'@SUM(A1)");
  assert.equal(cellText('+2250707895086'), '+2250707895086');
  assert.equal(cellText('-500'), '-500');
  assert.equal(cellText('a;"b"'), '"a;""b"""');
  assert.equal(listText([['a', '=b']]), "\ufeffa;'=b\r\n");
});
