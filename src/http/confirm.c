/* GET and POST /confirm/{token}: what the link in a mail opens. GET only shows the lot, however
 * often it is called and by whatever looks at links in mails; the POST of the page's form decides.
 * The token is the right to see and to decide: it is in no log. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/access.h"
#include "http/endpoint.h"
#include "http/page.h"
#include "http/route.h"
#include "http/worker.h"
#include "money/mail_address.h"
#include "money/settlement.h"
#include "wire/link.h"
#include "wire/prose.h"

enum { CALLS_PER_MINUTE = 120, RECEIVERS_MAX = 50, CELL_BYTES_MAX = 4096, USERS_AT_ONCE = 64 };

/* What the token names, read anew for each answer. */
struct asked {
    struct link link;
    struct store_reader *reader;
    const struct merchant *merchant;
    const struct lot *lot;
    const struct mail *mail;
    const struct approval *approvals;
    size_t approval_count;
    const char *person; /* Who has the mail's address; NULL: somebody who may decide no more. */
};

struct words {
    const char *waits, *confirmed, *cancelled, *expired, *invalid, *invalid_text;
    const char *merchant, *lot, *total, *fees, *count, *asked_at, *from, *expires, *you,
        *decided_at;
    const char *receivers, *receiver, *amount, *unknown;
    const char *asked_by, *api, *confirmed_by, *cancelled_by, *two;
    const char *nothing_yet, *confirm, *cancel, *given, *sender, *changed;
    const char *confirmed_text, *cancelled_text, *expired_text, *unchanged, *form;
};
static const struct words all_words[] = {
    [PAYOUT_FR] = {.waits = "Un lot attend votre décision",
                   .confirmed = "Lot confirmé",
                   .cancelled = "Lot annulé",
                   .expired = "Lot expiré",
                   .invalid = "Ce lien n'est pas valable",
                   .invalid_text = "Il est incomplet, ou il ne vaut plus. Ouvrez-le depuis le "
                                   "message, en entier.",
                   .merchant = "Marchand",
                   .lot = "Lot",
                   .total = "Total",
                   .fees = "Frais",
                   .count = "Transferts",
                   .asked_at = "Demandé le",
                   .from = "Depuis l'adresse",
                   .expires = "Expire le",
                   .you = "Vous décidez comme",
                   .decided_at = "Décidé le",
                   .receivers = "Bénéficiaires",
                   .receiver = "Nom et numéro",
                   .amount = "Montant",
                   .unknown = "nom inconnu",
                   .asked_by = "Demandé par",
                   .api = "l'API du marchand",
                   .confirmed_by = "Confirmé par",
                   .cancelled_by = "Annulé par",
                   .two = "Ce lot demande la confirmation de deux personnes différentes, dont "
                          "aucune ne l'a demandé.",
                   .given = "Vous avez confirmé ce lot. Il attend une deuxième personne.",
                   .sender = "Rien n'est changé : qui a demandé ce lot ne peut pas le confirmer.",
                   .changed = "Rien n'est changé : le lot n'est pas celui qui vous a été montré. "
                              "Relisez-le.",
                   .nothing_yet = "Rien n'est encore décidé. L'argent part quand le lot est "
                                  "confirmé ; il est rendu quand le lot est annulé ou expire.",
                   .confirm = "Confirmer et payer",
                   .cancel = "Annuler le lot",
                   .confirmed_text = "Les transferts partent. Il n'y a plus rien à faire ici.",
                   .cancelled_text = "Personne n'est payé, l'argent est rendu.",
                   .expired_text =
                       "Il n'a pas été confirmé à temps : personne n'est payé, l'argent "
                       "est rendu.",
                   .unchanged = "Votre décision n'a rien changé : le lot avait déjà son sort.",
                   .form = "Ce formulaire n'est pas complet. Rien n'est changé : ouvrez le lien à "
                           "nouveau."},
    [PAYOUT_EN] = {.waits = "A lot waits for your decision",
                   .confirmed = "Lot confirmed",
                   .cancelled = "Lot cancelled",
                   .expired = "Lot expired",
                   .invalid = "This link is not valid",
                   .invalid_text =
                       "It is not whole, or holds no longer. Open it from the mail, all "
                       "of it.",
                   .merchant = "Merchant",
                   .lot = "Lot",
                   .total = "Total",
                   .fees = "Fees",
                   .count = "Transfers",
                   .asked_at = "Asked for on",
                   .from = "From the address",
                   .expires = "Expires on",
                   .you = "You decide as",
                   .decided_at = "Decided on",
                   .receivers = "Receivers",
                   .receiver = "Name and number",
                   .amount = "Amount",
                   .unknown = "name not known",
                   .asked_by = "Asked for by",
                   .api = "the merchant's API",
                   .confirmed_by = "Confirmed by",
                   .cancelled_by = "Cancelled by",
                   .two = "This lot needs the confirmation of two different persons, neither of "
                          "whom asked for it.",
                   .given = "You have confirmed this lot. It waits for a second person.",
                   .sender = "Nothing is changed: whoever asked for this lot can't confirm it.",
                   .changed = "Nothing is changed: the lot is not the one that you were shown. "
                              "Read it again.",
                   .nothing_yet =
                       "Nothing is decided yet. The money leaves when the lot is "
                       "confirmed; it is given back when the lot is cancelled or expires.",
                   .confirm = "Confirm and pay",
                   .cancel = "Cancel the lot",
                   .confirmed_text = "The transfers are on their way. There is nothing left to do "
                                     "here.",
                   .cancelled_text = "Nobody is paid, the money is given back.",
                   .expired_text = "It was not confirmed in time: nobody is paid, the money is "
                                   "given back.",
                   .unchanged = "Your decision changed nothing: the lot had been dealt with.",
                   .form = "This form is not whole. Nothing is changed: open the link again."},
};

static const struct words *words_of(const struct request *request)
{
    return &all_words[request->lang];
}

/* --- What is asked about --- */

static enum turn link_refuse(struct request *request)
{
    const struct words *words = words_of(request);
    return page_say(request, 404, words->invalid, words->invalid_text);
}

/* Whoever was taken from the merchant's list since the mail left decides no more. */
static bool person_listed(const struct merchant *merchant, const char *person)
{
    size_t length, wanted = strlen(person);
    for (const char *at = mail_list_next(merchant->confirm_mail, &length); length > 0;
         at = mail_list_next(at + length, &length))
        if (length == wanted && strncasecmp(at, person, length) == 0)
            return true;
    return false;
}

/* Who has the mail's address. One of the merchant's users is the same person here and there: who
 * has sent a lot does not confirm it by a link, and nobody is two persons. Others are their
 * address. NULL: a user who may log in no more decides no more. */
static enum fault_kind person_find(struct request *request, struct asked *asked,
                                   struct fault *fault)
{
    const char *after = "";
    size_t count = USERS_AT_ONCE;
    asked->person = asked->mail->to;
    while (count == USERS_AT_ONCE) {
        struct user *users;
        if (store_read_users(asked->reader, request->arena, asked->lot->merchant, after,
                             USERS_AT_ONCE, &users, &count, fault) != FAULT_NONE)
            return fault->kind;
        for (size_t i = 0; i < count; i++) {
            if (strcasecmp(users[i].mail, asked->mail->to) == 0) {
                asked->person = users[i].disabled ? NULL : users[i].name;
                return FAULT_NONE;
            }
            after = users[i].name;
        }
    }
    return FAULT_NONE;
}

static enum fault_kind asked_load(struct request *request, struct asked *asked, struct fault *fault)
{
    struct merchant_id merchant_id = {asked->link.merchant};
    struct lot_code code = {asked->link.lot};
    struct merchant *merchant;
    struct lot *lot;
    struct mail *mails;
    struct approval *approvals;
    size_t count;
    if (worker_reader(request->http, &asked->reader, fault) != FAULT_NONE ||
        store_read_merchant(asked->reader, request->arena, merchant_id, &merchant, fault) !=
            FAULT_NONE ||
        store_read_lot(asked->reader, request->arena, merchant_id, code, &lot, fault) !=
            FAULT_NONE ||
        store_read_mails(asked->reader, request->arena, merchant_id, code, &mails, &count, fault) !=
            FAULT_NONE ||
        store_read_approvals(asked->reader, request->arena, merchant_id, code, &approvals,
                             &asked->approval_count, fault) != FAULT_NONE)
        return fault->kind;
    asked->approvals = approvals;
    asked->merchant = merchant;
    asked->lot = lot;
    for (size_t i = 0; i < count; i++)
        if (mails[i].number == asked->link.number)
            asked->mail = &mails[i];
    return lot == NULL || asked->mail == NULL ? FAULT_NONE : person_find(request, asked, fault);
}

/* Reads what the token in the path names. False: the answer is written. */
static bool asked_read(struct request *request, struct asked *asked)
{
    struct fault fault;
    *asked = (struct asked){.lot = NULL};
    if (!link_read(&request->http->link_key, request->parameters[0], &asked->link)) {
        (void)link_refuse(request);
        return false;
    }
    if (asked_load(request, asked, &fault) != FAULT_NONE) {
        (void)route_fault(request, &fault);
        return false;
    }
    if (asked->merchant != NULL)
        request->lang = asked->merchant->lang == MERCHANT_LANG_EN ? PAYOUT_EN : PAYOUT_FR;
    if (asked->merchant == NULL || asked->lot == NULL || asked->mail == NULL ||
        memcmp(asked->link.hash, asked->lot->hash, LINK_HASH_BYTES) != 0 ||
        !person_listed(asked->merchant, asked->mail->to) || asked->person == NULL) {
        (void)link_refuse(request);
        return false;
    }
    request->merchant_id = asked->merchant->id; /* For the log. */
    return true;
}

/* --- The page's pieces --- */

static void row(struct buffer *html, const char *label, const char *class, const char *value)
{
    buffer_text_append(html, "<dt>");
    prose_html(html, label);
    buffer_format(html, "</dt><dd%s%s%s>", class[0] == '\0' ? "" : " class=\"", class,
                  class[0] == '\0' ? "" : "\"");
    prose_html(html, value);
    buffer_text_append(html, "</dd>\n");
}

static void row_sums(struct buffer *html, const char *label, const char *class,
                     const int64_t minor[CURRENCY_END], enum payout_lang lang)
{
    AUTO(buffer_free) struct buffer value;
    buffer_init(&value, CELL_BYTES_MAX);
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (minor[currency] == 0)
            continue;
        if (value.length > 0)
            buffer_text_append(&value, " + ");
        prose_money(&value, minor[currency], currency_text(currency), lang);
    }
    if (value.length > 0)
        row(html, label, class, buffer_text(&value));
}

static void row_name(struct buffer *html, const char *label, const char *name)
{
    AUTO(buffer_free) struct buffer value;
    buffer_init(&value, CELL_BYTES_MAX);
    prose_name(&value, name);
    row(html, label, "", buffer_text(&value));
}

static void row_time(struct buffer *html, const char *label, int64_t at_ms, enum payout_lang lang)
{
    AUTO(buffer_free) struct buffer value;
    buffer_init(&value, CELL_BYTES_MAX);
    prose_time(&value, at_ms, lang);
    row(html, label, "", buffer_text(&value));
}

static void approval_write(struct request *request, const struct approval *approval,
                           struct buffer *html)
{
    const struct words *words = words_of(request);
    AUTO(buffer_free) struct buffer value;
    buffer_init(&value, CELL_BYTES_MAX);
    if (approval->act == APPROVAL_EXPIRED)
        return;
    buffer_format(&value, "%s, ", approval->person);
    prose_time(&value, approval->at_ms, request->lang);
    row(html, approval->act == APPROVAL_CANCELLED ? words->cancelled_by : words->confirmed_by, "",
        buffer_text(&value));
}

static void facts_write(struct request *request, const struct asked *asked, struct buffer *html)
{
    const struct words *words = words_of(request);
    const struct lot *lot = asked->lot;
    AUTO(buffer_free) struct buffer count;
    char name[LOT_TEXT_BYTES];
    buffer_init(&count, CELL_BYTES_MAX);
    prose_number(&count, lot->count, request->lang);
    lot_text(lot->merchant, lot->code, name);
    buffer_text_append(html, "<dl>\n");
    row_name(html, words->merchant, asked->merchant->name);
    row_sums(html, words->total, "sum", lot->total_minor, request->lang);
    row_sums(html, words->fees, "", lot->fee_minor, request->lang);
    row(html, words->count, "", buffer_text(&count));
    row(html, words->lot, "", name);
    row_time(html, words->asked_at, lot->created_at_ms, request->lang);
    if (lot->sender[0] != '\0')
        row_name(html, words->asked_by, lot->sender);
    else
        row(html, words->asked_by, "", words->api);
    if (lot->source[0] != '\0')
        row(html, words->from, "", lot->source);
    if (lot->state == LOT_WAITING)
        row_time(html, words->expires, lot->expires_at_ms, request->lang);
    else
        row_time(html, words->decided_at, lot->decided_at_ms, request->lang);
    for (size_t i = 0; i < asked->approval_count; i++)
        approval_write(request, &asked->approvals[i], html);
    if (lot->state == LOT_WAITING)
        row(html, words->you, "", asked->mail->to);
    buffer_text_append(html, "</dl>\n");
}

/* A name as it shows, or what stands for none. */
static void name_write(struct buffer *html, const char *first, const char *second,
                       const char *instead)
{
    AUTO(buffer_free) struct buffer given, name;
    buffer_init(&given, CELL_BYTES_MAX);
    buffer_init(&name, CELL_BYTES_MAX);
    buffer_format(&given, "%s %s", first, second);
    prose_name(&name, buffer_text(&given));
    prose_html(html, name.length == 0 ? instead : buffer_text(&name));
}

static enum fault_kind receiver_write(struct request *request, const struct asked *asked,
                                      const struct transfer *transfer, struct buffer *html,
                                      struct fault *fault)
{
    struct contact *contact;
    if (store_read_contact(asked->reader, request->arena, transfer->merchant, transfer->msisdn,
                           &contact, fault) != FAULT_NONE)
        return fault->kind;
    buffer_text_append(html, "<tr><td>");
    name_write(html, contact == NULL ? "" : contact->name, contact == NULL ? "" : contact->surname,
               words_of(request)->unknown);
    buffer_text_append(html, "<small>");
    name_write(html, transfer->prefix, transfer->phone, "");
    buffer_text_append(html, "</small></td><td>");
    prose_money(html, transfer->amount.minor, currency_text(transfer->amount.currency),
                request->lang);
    buffer_text_append(html, "</td></tr>\n");
    return FAULT_NONE;
}

static void others_write(struct request *request, int64_t others, struct buffer *html)
{
    if (others <= 0)
        return;
    buffer_text_append(html, request->lang == PAYOUT_FR ? "<p>et " : "<p>and ");
    prose_number(html, others, request->lang);
    if (request->lang == PAYOUT_FR)
        buffer_text_append(html, others == 1 ? " autre" : " autres");
    else
        buffer_text_append(html, others == 1 ? " other" : " others");
    buffer_text_append(html, "</p>\n");
}

static enum fault_kind receivers_write(struct request *request, const struct asked *asked,
                                       struct buffer *html, struct fault *fault)
{
    const struct words *words = words_of(request);
    struct transfer *transfers;
    size_t found;
    int64_t count = asked->lot->count < RECEIVERS_MAX ? asked->lot->count : RECEIVERS_MAX;
    if (store_read_transfers(asked->reader, request->arena, asked->lot->first, count, &transfers,
                             &found, fault) != FAULT_NONE)
        return fault->kind;
    buffer_format(html,
                  "<h2 id=\"receivers\">%s</h2>\n<table aria-labelledby=\"receivers\">\n<thead><tr>"
                  "<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
                  words->receivers, words->receiver, words->amount);
    for (size_t i = 0; i < found; i++)
        if (receiver_write(request, asked, &transfers[i], html, fault) != FAULT_NONE)
            return fault->kind;
    buffer_text_append(html, "</tbody>\n</table>\n");
    others_write(request, asked->lot->count - (int64_t)found, html);
    return FAULT_NONE;
}

/* Whether the person has confirmed it, and another one has to. */
static bool given_by(const struct asked *asked)
{
    for (size_t i = 0; i < asked->approval_count; i++)
        if (asked->approvals[i].act == APPROVAL_GIVEN &&
            settlement_same_person(asked->approvals[i].person, asked->person))
            return true;
    return false;
}

static void form_write(struct request *request, const struct asked *asked, struct buffer *html)
{
    const struct words *words = words_of(request);
    char proof[LINK_PROOF_BYTES], hash[2 * SECRET_HASH_BYTES + 1];
    secret_hex(asked->lot->hash, SECRET_HASH_BYTES, hash);
    link_proof(&request->http->link_key, request->parameters[0], proof);
    buffer_format(html,
                  "<form method=\"post\">\n<input type=\"hidden\" name=\"proof\" value=\"%s\">\n"
                  "<input type=\"hidden\" name=\"hash\" value=\"%s\">\n",
                  proof, hash);
    if (!given_by(asked))
        buffer_format(html,
                      "<button class=\"do\" name=\"decision\" value=\"confirm\">%s</button>\n",
                      words->confirm);
    buffer_format(html, "<button name=\"decision\" value=\"cancel\">%s</button>\n</form>\n",
                  words->cancel);
}

static void paragraph(struct buffer *html, const char *class, const char *text)
{
    buffer_format(html, "<p%s%s%s>", class[0] == '\0' ? "" : " class=\"", class,
                  class[0] == '\0' ? "" : "\"");
    prose_html(html, text);
    buffer_text_append(html, "</p>\n");
}

/* --- The page --- */

/* A lot whose time is over is as good as expired: the janitor is on its way. */
static enum lot_state state_shown(const struct lot *lot)
{
    bool over = lot->state == LOT_WAITING && lot->expires_at_ms <= clock_now_ms();
    return over ? LOT_EXPIRED : lot->state;
}

/* What was decided, without the receivers: a link that was used tells no more than it must. */
static enum turn end_show(struct request *request, const struct asked *asked, enum lot_state state,
                          int status)
{
    const struct words *words = words_of(request);
    const char *title = words->expired, *text = words->expired_text;
    if (state == LOT_CONFIRMED) {
        title = words->confirmed;
        text = words->confirmed_text;
    } else if (state == LOT_CANCELLED) {
        title = words->cancelled;
        text = words->cancelled_text;
    }
    struct buffer *html = page_begin(request, title);
    paragraph(html, "", text);
    if (status != 200)
        paragraph(html, "note", words->unchanged);
    facts_write(request, asked, html);
    return page_end(request, status);
}

/* note: what became of a decision; NULL: none was made. */
static enum turn waiting_show(struct request *request, const struct asked *asked, int status,
                              const char *note)
{
    const struct words *words = words_of(request);
    struct fault fault;
    struct buffer *html = page_begin(request, words->waits);
    if (note == NULL)
        note = given_by(asked) ? words->given : words->nothing_yet;
    paragraph(html, "note", note);
    if (asked->lot->persons > 1)
        paragraph(html, "", words->two);
    facts_write(request, asked, html);
    form_write(request, asked, html);
    if (receivers_write(request, asked, html, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    return page_end(request, status);
}

static enum turn asked_show(struct request *request, const struct asked *asked, int status,
                            const char *note)
{
    enum lot_state state = state_shown(asked->lot);
    return state == LOT_WAITING ? waiting_show(request, asked, status, note)
                                : end_show(request, asked, state, status);
}

static bool call_allowed(struct request *request)
{
    return access_limit_address(request, 'k', CALLS_PER_MINUTE);
}

enum turn confirm_show(struct request *request)
{
    struct asked asked;
    return call_allowed(request) && asked_read(request, &asked)
               ? asked_show(request, &asked, 200, NULL)
               : TURN_REPLY;
}

/* --- Deciding --- */

/* Only what a browser sends of our form. */
static bool form_sent(const struct request *request)
{
    static const char type[] = "application/x-www-form-urlencoded";
    const char *sent = request->content_type;
    if (sent == NULL || strncasecmp(sent, type, sizeof type - 1) != 0)
        return false;
    return link_proof_matches(&request->http->link_key, request->parameters[0],
                              form_body(request->form, "proof"));
}

/* The hash of the lot that the form was shown for. */
static bool hash_read(const char *text, uint8_t hash[SECRET_HASH_BYTES])
{
    size_t length = 0;
    return text != NULL && strlen(text) == 2 * (size_t)SECRET_HASH_BYTES &&
           sodium_hex2bin(hash, SECRET_HASH_BYTES, text, strlen(text), NULL, &length, NULL) == 0 &&
           length == SECRET_HASH_BYTES;
}

/* What a refusal means to who decided; NULL: the lot's state says it. */
static const char *refusal_note(const struct request *request, enum approval_refusal refusal)
{
    if (refusal == APPROVAL_REFUSAL_SENDER)
        return words_of(request)->sender;
    if (refusal == APPROVAL_REFUSAL_OTHER_HASH || refusal == APPROVAL_REFUSAL_DAMAGED)
        return words_of(request)->changed;
    return NULL;
}

enum turn confirm_decide(struct request *request)
{
    struct asked asked;
    if (!call_allowed(request) || !asked_read(request, &asked))
        return TURN_REPLY;
    const char *decision = form_body(request->form, "decision");
    bool confirm = decision != NULL && strcmp(decision, "confirm") == 0;
    bool cancel = decision != NULL && strcmp(decision, "cancel") == 0;
    uint8_t hash[SECRET_HASH_BYTES];
    if ((!confirm && !cancel) || !form_sent(request) ||
        !hash_read(form_body(request->form, "hash"), hash))
        return page_say(request, 400, words_of(request)->invalid, words_of(request)->form);
    char *person = arena_alloc(request->arena, ACT_PERSON_BYTES_MAX, 1);
    (void)snprintf(person, ACT_PERSON_BYTES_MAX, "mail:%s", asked.mail->to);
    request->job.command = (struct command){
        .kind = COMMAND_LOT_DECIDE,
        .actor = {.person = person, .from = request->client_text, .request = request->id},
        .lot_decide = {.merchant = asked.lot->merchant,
                       .lot = asked.lot->code,
                       .to = confirm ? LOT_CONFIRMED : LOT_CANCELLED,
                       .person = asked.person,
                       .from = request->client_text}};
    memcpy(request->job.command.lot_decide.hash, hash, sizeof hash);
    return TURN_LANE;
}

enum turn confirm_decided(struct request *request)
{
    const struct command *command = &request->job.command;
    struct asked asked;
    char lot[LOT_TEXT_BYTES];
    if (!asked_read(request, &asked))
        return TURN_REPLY;
    lot_text(asked.lot->merchant, asked.lot->code, lot);
    log_event(LOG_LEVEL_INFO, "lot decided by link", LOG_TEXT("request", request->id),
              LOG_TEXT("lot", lot), LOG_NUMBER("mail", asked.mail->number),
              LOG_TEXT("to", lot_state_text(command->lot_decide.to)),
              LOG_NUMBER("code", (int64_t)command->code), LOG_TEXT("from", request->client_text));
    return asked_show(request, &asked, command->code == PAYOUT_OK ? 200 : 409,
                      refusal_note(request, command->lot_decide.refusal));
}
