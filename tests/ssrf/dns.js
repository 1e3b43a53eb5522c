// A name server that answers as it is told to, and as an attacker's would: another address each time,
// good and bad ones together, a name that stands for another.
import dgram from 'node:dgram';

const TYPES = { 1: 'A', 5: 'CNAME', 28: 'AAAA' };

function nameRead(bytes, at) {
  const labels = [];
  while (bytes[at] !== 0) {
    labels.push(bytes.subarray(at + 1, at + 1 + bytes[at]).toString());
    at += bytes[at] + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

const nameWrite = (name) => Buffer.concat([...name.split('.').map((label) =>
  Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);

function ipv6Write(text) {
  const [left, right = ''] = text.split('::');
  const words = (part) => part.split(':').filter((word) => word !== '').map((word) => parseInt(word, 16));
  const [front, back] = [words(left), words(right)];
  const all = [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 255]));
}

function dataWrite({ type, value }) {
  if (type === 'A') return Buffer.from(value.split('.').map(Number));
  return type === 'AAAA' ? ipv6Write(value) : nameWrite(value);
}

function recordWrite(record) {
  const data = dataWrite(record);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(Number(Object.keys(TYPES).find((number) => TYPES[number] === record.type)), 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(0, 4); // To be forgotten at once.
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameWrite(record.name), head, data]);
}

export class Dns {
  // By name: a function of (how often it was asked before) that gives records {type, value[, name]}.
  names = new Map();
  asked = new Map();

  static async start() {
    const dns = new Dns();
    dns.socket = dgram.createSocket('udp4');
    dns.socket.on('message', (bytes, from) => dns.socket.send(dns.#answer(bytes), from.port, from.address));
    await new Promise((resolve) => { dns.socket.bind(53, '127.0.0.1', resolve); });
    return dns;
  }

  #answer(bytes) {
    const { name, end } = nameRead(bytes, 12);
    const type = TYPES[bytes.readUInt16BE(end)];
    const key = `${name} ${type}`;
    const before = this.asked.get(key) ?? 0;
    this.asked.set(key, before + 1);
    const all = (this.names.get(name)?.(before) ?? []).map((record) => ({ name, ...record }));
    const records = all.filter((record) => record.type === type || record.type === 'CNAME' || record.name !== name);
    const head = Buffer.from(bytes.subarray(0, 12));
    head.writeUInt16BE(this.names.has(name) ? 0x8580 : 0x8583, 2); // Known, or no such name.
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    return Buffer.concat([head, bytes.subarray(12, end + 4), ...records.map(recordWrite)]);
  }

  stop() {
    return new Promise((resolve) => { this.socket.close(resolve); });
  }
}
