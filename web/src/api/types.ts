// What the server says, as docs/console-api.md has it.

export type Role = 'OWNER' | 'MAKER' | 'CHECKER' | 'VIEWER' | 'PLATFORM';
export type TransferState = 'NEW' | 'REC' | 'NOS' | 'VAL' | 'REJ';
export type LotState = 'WAITING' | 'CONFIRMED' | 'CANCELLED' | 'EXPIRED';
export type Amounts = Record<string, number>;

export interface LoginReply {
  csrf: string;
}

export interface Session {
  csrf: string;
  renew_seconds: number;
  name: string;
  role: Role;
  merchant: number | null;
  must_change_password: boolean;
  must_set_up_totp: boolean;
  totp: boolean;
  mail: string;
  merchant_name: string | null;
  currency: string | null;
  sandbox: boolean;
  may: string[];
}

export interface OperatorPoint {
  at: string;
  operator: string;
  operator_number: number;
  country: string;
  count: number;
  paid: number;
  rejected: number;
  under_way: number;
  pay_ms: number;
}

export interface Waits {
  lots: number;
  doubles: number;
  notifications_dead: number;
  contradictions: number;
  screening: number;
  proposals: number;
}

export interface HomeReply {
  at: string;
  balances: { currency: string; available: number; held: number }[];
  today: { currency: string; count: number; amount: number; paid: number; paid_amount: number; rejected: number; under_way: number }[];
  hours: number;
  series_from: string;
  cut: boolean;
  series: OperatorPoint[];
  operators: { operator: string; operator_number: number; country: string; payment_method: string; status: 'AVAILABLE' | 'DOWN' | 'OFF'; since: string | null }[];
  waits: Waits;
}

export interface SendItem {
  phone: string;
  amount?: number | string;
  operator?: string;
  name?: string;
  surname?: string;
  email?: string;
}

export interface CheckItem {
  code: number;
  word: string;
  message: string | null;
  phone: string | null;
  operator: string | null;
  payment_method: string | null;
  amount: number | null;
  currency: string | null;
  fee: number;
  fee_payer: string | null;
  known: { name: string; surname: string } | null;
  same_as: number | null;
  recent: { transaction_id: string; state: TransferState; created_at: string } | null;
}

export interface CheckTotal {
  currency: string;
  count: number;
  amount: number;
  fees: number;
  held: number;
  available: number;
  enough: boolean;
}

export interface CheckReply {
  count: number;
  good: number;
  items: CheckItem[];
  totals: CheckTotal[];
}

export interface SendReply {
  again: boolean;
  lot: string | null;
  state: LotState;
  accepted: number;
  items: { code: number; word: string; message: string | null; transaction_id: string | null; client_transaction_id: string | null }[];
}

export interface Progress {
  lot: string;
  state: LotState;
  count: number;
  done: boolean;
  states: { state: TransferState; currency: string; count: number; amount: number }[];
}

export interface Lot {
  lot: string;
  merchant: number;
  state: LotState;
  count: number;
  total: Amounts;
  fees: Amounts;
  source: string;
  listed: boolean;
  sender: string | null;
  persons: number;
  hash: string;
  created_at: string;
  expires_at: string | null;
  decided_at: string | null;
}

export interface LotReply extends Lot {
  approvals: { number: number; act: string; person: string; from: string; at: string }[];
  transfers: Transfer[];
}

export interface LotDecision {
  lot: string;
  state: LotState;
  persons: number;
  given: number;
  again: boolean;
}

export interface Transfer {
  transaction_id: string;
  merchant: number;
  lot: string;
  client_transaction_id: string | null;
  receiver_e164: string;
  name?: string;
  surname?: string;
  operator: string;
  amount: number;
  fee: number;
  currency: string;
  confirmed: boolean;
  state: TransferState;
  reason: string | null;
  comment: string | null;
  operator_reference: string | null;
  created_at: string;
  changed_at: string;
  validated_at: string | null;
}

export interface TransfersReply {
  transfers: Transfer[];
  next: string | null;
  seen_from: string | null;
}

export interface StoryLine {
  at: string;
  kind: string;
  person?: string;
  from?: string;
  movement?: string;
  from_account?: string;
  to_account?: string;
  amount?: number;
  currency?: string;
  operator?: string;
  operator_reference?: string;
  endpoint?: number;
  number?: number;
  attempt?: number;
  http_status?: number;
  error?: string;
  duration_ms?: number;
  reason?: string;
  comment?: string;
  evidence?: string;
  outcome?: string;
}

export interface NotificationTold {
  endpoint: number;
  number: number;
  state: string;
  treatment_status: TransferState;
}

export interface TransferReply extends Transfer {
  notify_url: string;
  submitted_at: string | null;
  notifications: NotificationTold[];
  settlements?: { at: string; person: string; outcome: string; evidence: string }[];
  reversals?: { at: string; person?: string; evidence?: string }[];
  contradictions?: { at: string }[];
  deliveries: { endpoint: number; number: number; attempt: number; at: string; duration_ms: number; http_status: number; error: string }[];
}

export interface Contact {
  phone: string;
  name: string;
  surname: string;
  email: string;
  listed_under: string | null;
  created_at: string;
}

export interface ContactReply extends Contact, TransfersReply {
  numbers: string[];
}

export interface Developer {
  merchant: number;
  apikey: string | null;
  url: string;
  sandbox: boolean;
  ip_list: string;
  api_ip_list: string;
  notify_url: string;
  login_curl: string;
  sandbox_numbers: { ending: string; what: string; phone: string; curl: string }[];
  documents: { name: string; path: string }[];
}

export interface ApiCall {
  number: number;
  at: string;
  method: string;
  path: string;
  query: string;
  body: string;
  from: string;
  status: number;
  code: number | null;
  duration_us: number;
  answer: string;
}

export interface User {
  name: string;
  role: Role;
  merchant: number | null;
  mail: string;
  disabled: boolean;
  must_change_password: boolean;
  totp: boolean;
  failures: number;
  created_at: string;
}

export interface Act {
  id: number;
  at: string;
  what: string;
  person: string;
  from: string;
  merchant: number | null;
  subject: string;
  before: unknown;
  after: unknown;
}

export interface Merchant {
  id: number;
  name: string;
  currency: string;
  suspended: boolean;
}

export interface MerchantReply extends Merchant {
  lang: string;
  two_persons: boolean;
  all_or_nothing: boolean;
  notify_url: string;
  ip_list: string;
  api_ip_list: string;
  confirm_mail: string;
  fees: string;
  limit_day: number;
  limit_month: number;
  receiver_day: number;
  receiver_month: number;
  receiver_hour_count: number;
  reserve: number;
  approve_above: number;
  lot_expiry_seconds: number;
  double_window_seconds: number;
  calls_per_minute: number;
  created_at: string;
  balances: { account: string; currency: string; balance: number }[];
}

export interface Channel {
  name: string;
  connector: string;
  currency: string | null;
  operators: string[];
  off: boolean;
  reason: string | null;
  state: string;
  since: string | null;
  waiting: number;
  under_way: number;
  answered: number;
  failed: number;
  float: number | null;
  float_at: string | null;
  float_alarm: number;
  float_low: boolean;
}

export interface Proposal {
  transaction_id: string;
  number: number;
  act: string;
  outcome: string;
  person: string;
  evidence: string;
  at: string;
}

export interface Contradiction {
  id: number;
  state: TransferState;
  said: string;
  suspense: string;
  suspense_amount: number;
  currency: string;
  operator_reference: string;
  at: string;
  transaction_id: string;
  merchant: number;
}

export interface Endpoint {
  number: number;
  url: string;
  events: string;
  format: string;
  state: string;
  failures: number;
  failing_since: string | null;
}

export interface Screening {
  transaction_id: string;
  name?: string;
  entry: string;
  score: number;
}
