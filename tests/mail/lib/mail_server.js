// A mail server of one's own (server.py): what came, and what it shall answer.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { untilEvent } from '../../api/lib/wait.js';

const SCRIPT = path.join(path.dirname(fileURLToPath(import.meta.url)), 'server.py');

export class MailServer extends EventEmitter {
  events = [];

  static async start(options = {}) {
    const server = new MailServer();
    server.child = spawn('/usr/bin/python3', ['-W', 'ignore', SCRIPT, JSON.stringify(options)],
      { stdio: ['pipe', 'pipe', process.env.MAIL_SERVER_TALKS ? 'inherit' : 'ignore'] });
    server.ended = new Promise((resolve) => { server.child.once('close', resolve); });
    let rest = '';
    server.child.stdout.on('data', (piece) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop();
      for (const line of lines) server.events.push(JSON.parse(line));
      server.emit('told');
    });
    server.port = (await server.until('listening')).port;
    return server;
  }

  all(event) {
    return this.events.filter((each) => each.event === event);
  }

  get mails() {
    return this.all('mail');
  }

  // Waits for such an event; the first of which check is true.
  until(event, check = () => true) {
    return untilEvent(this, 'told', () => this.all(event).find(check),
      () => `the mail server tells of ${event}; it told ${JSON.stringify(this.events)}`);
  }

  // The one mail to that address.
  mailTo(address) {
    return this.until('mail', ({ to }) => to.includes(address));
  }

  // Has it answer as server.py says; resolves when it knows.
  async say(command) {
    const before = this.all('done').length;
    this.child.stdin.write(`${JSON.stringify(command)}\n`);
    await untilEvent(this, 'told', () => this.all('done').length > before, 'the mail server has heard');
  }

  async stop() {
    this.child.stdin.end();
    await this.ended;
  }
}

// The path of the mail's link, which must be the same in both of its parts.
export function linkOf(mail) {
  const [, text] = /^https:\/\/pay\.example\.com(\/confirm\/[\w-]+)$/m.exec(mail.parts['text/plain']);
  const [, html] = /href="https:\/\/pay\.example\.com(\/confirm\/[\w-]+)"/.exec(mail.parts['text/html']);
  if (text !== html) throw new Error(`two links in one mail: ${text}, ${html}`);
  return text;
}

export function headerOf(mail, name) {
  const found = mail.headers.filter(([each]) => each.toLowerCase() === name.toLowerCase());
  if (found.length !== 1) throw new Error(`${found.length} headers ${name}`);
  return found[0][1];
}

// Settings of a payoutd that sends its mails there.
export function mailSettings(server, more = {}) {
  return { mail_url: `smtp://127.0.0.1:${server.port}`, mail_from: 'payoutd@pay.example.com',
    mail_public_url: 'https://pay.example.com', mail_starttls: 'none', mail_retry_first: '20ms', ...more };
}
