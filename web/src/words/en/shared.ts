// English, for all pages: the frame, logging in, one's account, what goes wrong.
import type { Words } from '../index.ts';

const count = (value: number) => new Intl.NumberFormat('en').format(value);

export const shared: Pick<Words, 'common' | 'shell' | 'login' | 'account' | 'problem' | 'state' | 'reason' | 'lotState'> = {
  common: {
    again: 'Try again', back: 'Back', cancel: 'Cancel', close: 'Close', copy: 'Copy', copied: 'Copied', loading: 'Loading…', more: 'Show more',
    needed: 'Please fill in', save: 'Save', saved: 'Saved', search: 'Search', show: 'Show', download: 'Download', all: 'All', none: 'None',
    yes: 'Yes', no: 'No', optional: 'optional', language: 'Language', remove: 'Remove', edit: 'Edit', total: 'Total', date: 'Date', amount: 'Amount',
    phone: 'Number', name: 'Last name', firstName: 'First names', mail: 'Email', operator: 'Operator', state: 'State', fee: 'Fee', person: 'Person', reference: 'Reference',
    people: (n) => (n === 1 ? '1 person' : `${count(n)} people`),
  },
  shell: {
    console: 'payoutd', skip: 'Skip to the content', navigation: 'Navigation', menu: 'Menu', logout: 'Log out', account: 'My account',
    home: 'Home', send: 'Send', lots: 'To confirm', transfers: 'Payments', contacts: 'Contacts', developers: 'Developers', users: 'Users',
    platform: 'Platform', merchants: 'Merchants', channels: 'Operators', unknown: 'To decide', acts: 'Log', doubles: 'Possible doubles',
    sandboxName: 'Sandbox', sandbox: 'Sandbox: no real money moves.', notFound: 'There is no such page', notFoundText: 'The address may be incomplete.',
    forbidden: 'This page is not for you', forbiddenText: 'Your role does not let you see it. Ask an owner of the account.', toHome: 'Go to the home page',
    loggedOut: 'Your session has ended. Please log in again.',
    roles: { OWNER: 'Owner', MAKER: 'Prepares payments', CHECKER: 'Confirms payments', VIEWER: 'Views', PLATFORM: 'Platform' },
  },
  login: {
    title: 'Log in', text: 'Enter your payout space.', name: 'User name', password: 'Password', enter: 'Log in',
    code: '6-digit code', codeHint: 'From your authenticator app, if you have set one up. Leave it empty otherwise.',
    recovery: 'I no longer have my phone', recoveryCode: 'Recovery code', recoveryHint: 'One of the codes you wrote down when you set it up. Each works once.', useCode: 'Use the 6-digit code',
    wrong: 'Wrong name, password or code.', wrongHint: 'Check the capital letters. If your account asks for a code, enter the one shown right now.',
    showPassword: 'Show the password',
  },
  account: {
    title: 'My account', change: 'Change your password', changeText: 'At least 12 characters. Four unrelated words are easy to remember and hard to guess.',
    old: 'Current password', new: 'New password', repeat: 'Once more', differ: 'The two are not the same.', short: 'At least 12 characters.',
    changeDo: 'Change the password', changed: 'Password changed. Log in with the new one.',
    mustTitle: 'Choose your password', mustText: 'The one you were given works only once.',
    totp: 'Two-step login', totpOn: 'On', totpOff: 'Off', totpText: 'A code from your phone, besides the password, protects the money even if the password is stolen.',
    totpMustTitle: 'Protect your account', totpMustText: 'Your role needs two-step login. It takes a minute.',
    totpBegin: 'Begin', totpStep1: 'Add payoutd to your authenticator app (Google Authenticator, Aegis…) with this key:', totpKey: 'Key', totpOpen: 'Open in my app',
    totpStep2: 'Write these recovery codes down and keep them safe. Each replaces your phone once.', totpCodes: 'Recovery codes',
    totpStep3: 'Enter the code that the app shows:', totpDo: 'Turn on', totpDone: 'Two-step login is on.',
    everywhere: 'Log out everywhere', everywhereText: 'Ends your sessions on all devices, this one too.', signedInAs: 'Logged in as', role: 'Role', of: 'Account',
  },
  problem: {
    unexpected: 'Something unexpected went wrong. Try again; if it comes back, tell your administrator.',
    busy: 'The service is busy for a moment. Nothing was recorded: try again.',
    tooMany: (seconds) => `Too many tries. Try again in ${count(Math.max(1, seconds))} s.`,
    byWord: {
      NO_NETWORK: 'No network. Check your connection, then try again.',
      INVALID_TOKEN: 'Your session has ended. Please log in again.',
      INVALID_CREDENTIALS: 'Wrong name, password or code.',
      NOT_FOUND: 'Not found.',
      INSUFFICIENT_BALANCE: 'Your available balance does not cover this payment.',
    },
  },
  state: { label: 'State', NEW: 'Accepted', REC: 'Under way', NOS: 'Being checked', VAL: 'Paid', REJ: 'Refused', unconfirmed: 'To confirm' },
  reason: { RECEIVER_UNKNOWN: 'This number has no account with the operator', RECEIVER_LIMIT: 'The receiver\'s account is at its limit', RECEIVER_BLOCKED: 'The receiver\'s account is blocked', RECEIVER_NAME: 'The name does not match', OPERATOR_REFUSED: 'The operator refused', OPERATOR_FLOAT: 'The platform\'s float is too small', OPERATOR_DOWN: 'The operator is down: the payment leaves as soon as it is back', OUTCOME_UNKNOWN: 'The operator is being asked about the outcome', LOT_CANCELLED: 'The payment list was cancelled', LOT_EXPIRED: 'The payment list was not confirmed in time', PENDING_AT_OPERATOR: 'Under way at the operator', DECIDED_BY_PERSON: 'Decided by an authorised person', SUSPECTED_DOUBLE: 'Possibly a double: a person has to decide', DOUBLE: 'Refused as a double', NAME_MATCHED: 'The receiver is being checked: a person has to decide', NAME_REFUSED: 'Refused after a check of the receiver', SCREENING_DOWN: 'The receiver is still to be checked', WAITED_TOO_LONG: 'The operator was down for too long: refunded', REVERSED: 'Reversed at the operator' },
  lotState: { WAITING: 'To confirm', CONFIRMED: 'Confirmed', CANCELLED: 'Cancelled', EXPIRED: 'Expired' },
};
