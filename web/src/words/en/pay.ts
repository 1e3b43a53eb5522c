// English, for paying: home, sending, lots, payments, contacts.
import type { Words } from '../index.ts';

const count = (value: number) => new Intl.NumberFormat('en').format(value);
const people = (n: number) => (n === 1 ? '1 person' : `${count(n)} people`);
const lines = (n: number) => (n === 1 ? '1 line' : `${count(n)} lines`);
const many = (n: number, one: string, more: string) => (n === 1 ? `1 ${one}` : `${count(n)} ${more}`);

export const pay: Pick<Words, 'home' | 'send' | 'lots' | 'transfers' | 'doubles' | 'contacts'> = {
  home: {
    title: 'Home', hello: 'Hello', available: 'Available', held: 'Set aside for payments under way', today: 'Today', paidToday: 'Paid today', sentToday: 'Sent today',
    underWay: 'Under way', refused: 'Refused', success: 'Success rate', noneToday: 'Nothing sent today.',
    waits: 'To do', nothingWaits: 'Nothing is waiting for you. All is up to date.',
    lots: (n) => (n === 1 ? '1 payment list waits to be confirmed' : `${n >= 100 ? '100 payment lists or more' : `${count(n)} payment lists`} wait to be confirmed`),
    doubles: (n) => many(n, 'payment looks like a double', 'payments look like doubles'),
    notifications: (n) => many(n, 'notification did not arrive', 'notifications did not arrive'),
    contradictions: (n) => many(n, 'contradicting answer of an operator', 'contradicting answers of operators'),
    screening: (n) => many(n, 'name to check', 'names to check'),
    proposals: (n) => many(n, 'decision waits for a second person', 'decisions wait for a second person'),
    allOperators: 'All operators', operators: 'Operators', operatorsText: 'How they are now, and the last 24 hours.', AVAILABLE: 'Available', DOWN: 'Down', OFF: 'Stopped', since: 'since',
    timeToPay: 'Average time', paid: 'Paid', plotPaid: 'Payments by hour', plotTime: 'Average time to pay', plotText: 'The last 24 hours', plotTimeText: 'From sending to the operator until paid, by operator', asTable: 'See the figures as a table',
    hour: 'Hour', empty: 'No payment yet', emptyText: 'Once you have sent something, you will see here what is paid, what is under way and how fast.', firstSend: 'Make a first payment', seconds: 's',
    newSend: 'New payment',
  },
  send: {
    title: 'Send money', one: 'One person', oneText: 'A number, an amount.', many: 'A list', manyText: 'Paste a list or drop a CSV file.', how: 'Whom to pay',
    country: 'Country', phone: 'Phone number', phoneHint: 'With or without the country code.', amount: 'Amount', amountHint: (min, max) => `Between ${min} and ${max}.`,
    operatorAuto: 'By the number', known: 'Among your contacts', unknown: 'New contact: please give the name.', pays: 'Receives', fee: 'Fee', held: 'Taken from your balance', after: 'Available afterwards',
    do: 'Send', doSum: (sum) => `Send ${sum}`, checking: 'Checking…', checked: 'Checked',
    confirmTitle: 'Check before you send', confirmTo: (n) => `to ${people(n)}`, confirmText: 'The money is set aside now. It leaves once the payment is confirmed.', confirmFees: (fees) => `including fees: ${fees}`,
    list: 'List', paste: 'Paste or type your list', pasteHint: 'One person a line: number, amount, last name, first names. From Excel, copy the cells and paste them here.',
    pasteExample: '07 07 89 50 86 ; 12,500 ; Koné ; Awa', file: 'Choose a file', drop: 'or drop a CSV file here', template: 'Download a template', templateName: 'payment-template.csv',
    rows: lines, good: (n) => `${count(n)} ready`, bad: (n) => `${count(n)} to correct`, warnings: (n) => `${count(n)} to look at`,
    showAll: 'All', showBad: 'To correct', showWarn: 'To look at', line: 'Line', verdict: 'Check', ok: 'Ready', removeBad: (n) => `Remove the ${lines(n)} to correct`, clear: 'Clear all',
    removeLine: (line) => `Remove line ${line}`, noneHere: 'No line here.', page: (page, pages) => `Page ${page} of ${pages}`, before: 'Previous', next: 'Next',
    cut: (n) => `${lines(n)} too many: a list has at most 5,000 people. Please make a second one.`,
    wrong: {
      phoneMissing: 'The number is missing', phone: 'Number not recognised', amountMissing: 'The amount is missing', amount: 'Amount not recognised', min: (min) => `At least ${min}`, max: (max) => `At most ${max}`,
      multiple: (n) => `A multiple of ${n}`, name: 'Give both names (new contact)', operator: 'No operator serves this number',
    },
    same: (line) => `Same number as line ${line}`, recent: (day) => `Same amount already sent on ${day}`,
    totals: 'Total', notEnough: (missing) => `Your available balance is ${missing} short.`, fixFirst: 'Correct or remove the marked lines first.', emptyFirst: 'Add at least one person.',
    noneAccepted: 'No payment was accepted.',
    refusedSome: (n) => many(n, 'payment was refused.', 'payments were refused.'),
    merchant: 'Merchant',
  },
  lots: {
    title: 'Payments to confirm', text: 'Money only leaves once it is confirmed.', empty: 'Nothing to confirm', emptyText: 'Payments that wait for your word will appear here.',
    all: 'All payment lists', waiting: 'To confirm', lot: 'Payment list', sender: 'Prepared by', apiSender: 'By the API', when: 'On', until: 'To be confirmed before', persons: (given, persons) => `${count(given)} of ${many(persons, 'confirmation', 'confirmations')}`, total: 'Total', receivers: 'Receivers', fees: 'Fees', look: 'See and decide',
    one: (n) => `Payment to ${people(n)}`, confirm: 'Confirm and pay', cancel: 'Cancel the payment', confirmTitle: 'Confirm this payment?', confirmText: 'The money leaves at once. This cannot be undone.', twoText: 'This payment needs two persons. It leaves after the second confirmation.',
    cancelTitle: 'Cancel this payment?', cancelText: 'Nobody will be paid. The money set aside returns to your balance.', cancelDo: 'Cancel the payment', keep: 'Back', confirmed: 'Payment confirmed.', cancelled: 'Payment cancelled.', givenOne: 'Your confirmation is recorded. Another person has to confirm.',
    waits: 'This payment waits to be confirmed.', waitsOther: 'You cannot confirm it yourself: ask somebody who confirms payments.', waitsSecond: 'A second person has to confirm.',
    progress: 'Progress', progressText: (ended, all) => `${ended} of ${all} finished`, done: 'Finished', paid: 'Paid', refused: 'Refused', underWay: 'Under way', checking: 'Being checked', result: 'Download the result', people: 'Receivers',
    doneAll: (n) => `All is paid: ${people(n)}.`, doneSome: (paid, refused) => `${people(paid)} paid, ${many(refused, 'payment', 'payments')} refused. The money of those refused is back on your balance.`,
    approvals: 'Decisions', acts: { GIVEN: 'confirmed', CONFIRMED: 'confirmed', CANCELLED: 'cancelled' }, cancelledText: 'This payment was cancelled: nobody was paid.', expiredText: 'This payment was not confirmed in time: nobody was paid.', from: 'Asked from',
  },
  transfers: {
    operator: 'Operator', title: 'Payments', search: 'Number, name, reference…', searchHint: 'Phone number, a contact\'s name, reference or payment list', from: 'From', to: 'To', anyState: 'All states', anyOperator: 'All operators', export: 'Export (CSV)', filters: 'Search and filter', receiver: 'Receiver', clear: 'Clear the filters',
    empty: 'No payment', emptyText: 'Your payments will appear here from the first one on.', emptyFound: 'Nothing matches', emptyFoundText: 'Try fewer filters, or another period.', seen: (day) => `Looked back to ${day}.`, seenMore: 'Look further back', shown: (n) => many(n, 'payment shown', 'payments shown'),
    one: 'Payment', story: 'The story of this payment', facts: 'Details', id: 'payoutd\'s reference', ownId: 'Your reference', operatorReference: 'The operator\'s reference', lot: 'Payment list', contact: 'See the contact', reason: 'Reason', delivered: 'Receives',
    notifications: 'Notifications', notificationsText: 'What your server was told, and what it answered.', noNotifications: 'No notification for this payment.', sendAgain: 'Send again', sentAgain: 'The notification is on its way again.', answers: 'Answers', tries: (n) => many(n, 'try', 'tries'), noAnswer: 'no answer',
    told: { DELIVERED: 'Received', DEAD: 'Given up', WAITING: 'Waiting', BLOCKED: 'Waiting', SENDING: 'On its way', DUE: 'Waiting', UNDONE: 'Waiting', OFF: 'Stopped' },
    kind: {
      accepted: 'Accepted', held: 'Money set aside', confirmed: 'Confirmed', cancelled: 'Cancelled', expired: 'Expired without a confirmation', screened: 'Name checked', submitted: 'Sent to the operator', answered: 'The operator\'s answer', paid: 'Paid', rejected: 'Refused', moved: 'Money moved', notified: 'Notification', proposed: 'Decision proposed', settled: 'Decided', contradicted: 'The operator contradicted itself', reversal: 'Taking back',
      doubled: 'Marked as a possible double', released: 'Released: no double', refused: 'Refused by a person',
    },
    movement: { hold: 'Set aside', pay: 'Paid', release: 'Returned to the balance', fee: 'Fee', 'top-up': 'Top-up', withdraw: 'Withdrawal', reverse: 'Taken back' },
    account: { available: 'available balance', held: 'money set aside', float: 'operator account', fees: 'fees', suspense: 'to be cleared', outside: 'outside' }, by: 'by', fromTo: (from, to) => `from ${from} to ${to}`,
  },
  doubles: {
    title: 'Possible doubles', text: 'These payments look like another one sent shortly before. They wait for your word.', empty: 'No doubles', emptyText: 'Payments that look like another one will appear here.', release: 'Pay all the same', refuse: 'Refuse', releaseTitle: 'Pay this receiver?', refuseTitle: 'Refuse this payment?', why: 'Why?', whyHint: 'For example: two invoices. Your answer is kept in the log.', done: 'Noted.',
  },
  contacts: {
    title: 'Contacts', add: 'Add', import: 'Import', importTitle: 'Add contacts', importHint: 'One person a line: number, last name, first names.', importExample: '07 07 89 50 86 ; Koné ; Awa', importDo: (n) => (n === 1 ? 'Add this contact' : `Add ${count(n)} contacts`), added: (n) => many(n, 'contact added.', 'contacts added.'), notAdded: 'Not added', search: 'Name or number',
    empty: 'No contacts yet', emptyText: 'Add the people you pay, or send to a list: they will be added by themselves.', emptyFound: 'Nobody by that name', emptyFoundText: 'Try a part of the name, or the first digits of the number.', one: 'Contact', since: 'Added on', numbers: 'Numbers', payouts: 'Payments', noPayouts: 'No payment so far.', pay: 'Send money', editTitle: 'Edit the contact', saved: 'Contact changed.',
    merge: 'Join with another', mergeTitle: 'Two numbers of one person', mergeText: 'This number will be shown under the other contact. Past payments do not change.', mergeWith: 'The other contact\'s number', mergeDo: 'Join', merged: 'Contacts joined.', listedUnder: 'Same person as', split: 'Separate', noName: 'No name',
  },
};
