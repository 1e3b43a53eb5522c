// Certificates of our own, by the openssl of the machine: a root, one between, and what a server shows.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const openssl = (folder, ...words) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });

function keyMake(folder, name) {
  openssl(folder, 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  fs.chmodSync(path.join(folder, `${name}.key`), 0o600);
}

// A root that nobody else knows; the path of its certificate.
export function rootMake(folder, name = 'root') {
  keyMake(folder, name);
  openssl(folder, 'req', '-x509', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-days', '30', '-out', `${name}.pem`,
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign');
  return path.join(folder, `${name}.pem`);
}

// name.pem and name.key in folder, for 127.0.0.1, signed by the certificate called by; an authority itself
// when that is asked. {certificate, key, serial}.
export function certificateMake(folder, name, { by = 'root', days = 30, authority = false } = {}) {
  keyMake(folder, name);
  openssl(folder, 'req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
  fs.writeFileSync(path.join(folder, 'extensions'), authority
    ? 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n'
    : 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  openssl(folder, 'x509', '-req', '-in', `${name}.csr`, '-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial',
    '-days', String(days), '-extfile', 'extensions', '-out', `${name}.pem`);
  return { certificate: path.join(folder, `${name}.pem`), key: path.join(folder, `${name}.key`) };
}
