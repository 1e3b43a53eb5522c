#include "delivery/mail_text.h"

#include <stdio.h>
#include <string.h>

#include "delivery/mime.h"
#include "money/mail_address.h"
#include "wire/prose.h"

/* What can't stand in quoted-printable, where "=" is followed by digits or the line's end. */
static const char boundary[] = "=_payoutd_parts";

enum { PART_BYTES_MAX = 96 * 1024, CELL_BYTES_MAX = 4096 };

struct words {
    const char *lang, *colon;
    const char *transfer, *transfers, *to_confirm;
    const char *waits[2]; /* Around the number and what it counts. */
    const char *merchant, *lot, *total, *fees, *count, *asked_at, *asked_by, *api, *from, *expires;
    const char *receiver, *other;
    const char *open, *button, *opening, *two, *unexpected, *yours;
};
static const struct words all_words[] = {
    [PAYOUT_FR] =
        {
            .lang = "fr",
            .colon = "\u00a0: ",
            .transfer = "transfert",
            .transfers = "transferts",
            .to_confirm = "À confirmer",
            .waits = {"Un lot de ", " attend votre confirmation."},
            .merchant = "Marchand",
            .lot = "Lot",
            .total = "Total",
            .fees = "Frais",
            .count = "Transferts",
            .asked_at = "Demandé le",
            .asked_by = "Demandé par",
            .api = "l'API du marchand",
            .from = "Depuis l'adresse",
            .expires = "Expire le",
            .receiver = "Le bénéficiaire",
            .other = "et un autre",
            .open = "Pour voir ce lot, puis le confirmer ou l'annuler, ouvrez cette page",
            .button = "Voir le lot",
            .opening = "Ouvrir cette page ne confirme rien : la décision se prend sur la page, "
                       "avec un bouton. Sans décision avant son expiration, le lot est annulé et "
                       "l'argent est rendu.",
            .two = "Ce lot demande la confirmation de deux personnes différentes.",
            .unexpected = "Si vous n'attendiez pas ce lot, annulez-le sur la page et prévenez "
                          "votre équipe : une clé de l'API est peut-être en de mauvaises mains.",
            .yours = "Ce lien vaut votre signature : ne le transmettez à personne.",
        },
    [PAYOUT_EN] =
        {
            .lang = "en",
            .colon = ": ",
            .transfer = "transfer",
            .transfers = "transfers",
            .to_confirm = "To confirm",
            .waits = {"A lot of ", " waits for your confirmation."},
            .merchant = "Merchant",
            .lot = "Lot",
            .total = "Total",
            .fees = "Fees",
            .count = "Transfers",
            .asked_at = "Asked for on",
            .asked_by = "Asked for by",
            .api = "the merchant's API",
            .from = "From the address",
            .expires = "Expires on",
            .receiver = "The receiver",
            .other = "and one other",
            .open = "To see this lot, then confirm or cancel it, open this page",
            .button = "See the lot",
            .opening = "Opening this page confirms nothing: the decision is made on the page, with "
                       "a button. Without a decision before it expires, the lot is cancelled and "
                       "the money is given back.",
            .two = "This lot needs the confirmation of two different persons.",
            .unexpected = "If you did not expect this lot, cancel it on the page and tell your "
                          "team: a key of the API may be in the wrong hands.",
            .yours = "This link is as good as your signature: pass it on to nobody.",
        },
};

/* A mail in the making. */
struct draft {
    const struct mail_text *what;
    const struct words *words;
    enum payout_lang lang;
    struct buffer *out; /* A part as it is read, before it is encoded. */
    bool html;
};

/* --- Pieces of both parts --- */

/* Appends a piece, escaped where it must be. */
static void said(struct draft *draft, const char *text)
{
    if (draft->html)
        prose_html(draft->out, text);
    else
        buffer_text_append(draft->out, text);
}

static void markup(struct draft *draft, const char *html)
{
    if (draft->html)
        buffer_text_append(draft->out, html);
}

static void paragraph(struct draft *draft, const char *text)
{
    markup(draft, "<p>");
    said(draft, text);
    buffer_text_append(draft->out, draft->html ? "</p>\n" : "\n\n");
}

static void row(struct draft *draft, const char *label, const char *value)
{
    markup(draft, "<tr><th align=\"left\" valign=\"top\" style=\"padding:2px 16px 2px 0;"
                  "font-weight:normal;color:#444\">");
    said(draft, label);
    buffer_text_append(draft->out,
                       draft->html ? "</th><td style=\"padding:2px 0\">" : draft->words->colon);
    said(draft, value);
    buffer_text_append(draft->out, draft->html ? "</td></tr>\n" : "\n");
}

/* "1 250 000 XOF + 20 000 GNF"; false, and nothing, when all are 0. */
static bool sums_write(struct buffer *text, const int64_t minor[CURRENCY_END],
                       enum payout_lang lang)
{
    bool any = false;
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (minor[currency] == 0)
            continue;
        if (any)
            buffer_text_append(text, " + ");
        prose_money(text, minor[currency], currency_text(currency), lang);
        any = true;
    }
    return any;
}

static void row_sums(struct draft *draft, const char *label, const int64_t minor[CURRENCY_END])
{
    AUTO(buffer_free) struct buffer value;
    buffer_init(&value, CELL_BYTES_MAX);
    if (sums_write(&value, minor, draft->lang))
        row(draft, label, buffer_text(&value));
}

static void row_name(struct draft *draft, const char *label, const char *name)
{
    AUTO(buffer_free) struct buffer value;
    buffer_init(&value, CELL_BYTES_MAX);
    prose_name(&value, name);
    row(draft, label, buffer_text(&value));
}

static void row_time(struct draft *draft, const char *label, int64_t at_ms)
{
    AUTO(buffer_free) struct buffer value;
    buffer_init(&value, CELL_BYTES_MAX);
    prose_time(&value, at_ms, draft->lang);
    row(draft, label, buffer_text(&value));
}

static void counted_write(struct buffer *text, const struct draft *draft)
{
    prose_number(text, draft->what->lot->count, draft->lang);
    buffer_char(text, ' ');
    buffer_text_append(text, draft->what->lot->count == 1 ? draft->words->transfer
                                                          : draft->words->transfers);
}

static void head_write(struct draft *draft)
{
    AUTO(buffer_free) struct buffer sentence;
    buffer_init(&sentence, CELL_BYTES_MAX);
    buffer_text_append(&sentence, draft->words->waits[0]);
    counted_write(&sentence, draft);
    buffer_text_append(&sentence, draft->words->waits[1]);
    paragraph(draft, buffer_text(&sentence));
}

static void facts_write(struct draft *draft)
{
    const struct words *words = draft->words;
    const struct lot *lot = draft->what->lot;
    AUTO(buffer_free) struct buffer count;
    char name[LOT_TEXT_BYTES];
    buffer_init(&count, CELL_BYTES_MAX);
    lot_text(lot->merchant, lot->code, name);
    prose_number(&count, lot->count, draft->lang);
    markup(draft, "<table role=\"presentation\" cellspacing=\"0\" cellpadding=\"0\">\n");
    row_name(draft, words->merchant, draft->what->merchant->name);
    row(draft, words->lot, name);
    row_sums(draft, words->total, lot->total_minor);
    row_sums(draft, words->fees, lot->fee_minor);
    row(draft, words->count, buffer_text(&count));
    row_time(draft, words->asked_at, lot->created_at_ms);
    if (draft->what->sender[0] != '\0')
        row_name(draft, words->asked_by, draft->what->sender);
    else
        row(draft, words->asked_by, words->api);
    if (lot->source[0] != '\0')
        row(draft, words->from, lot->source);
    row_time(draft, words->expires, lot->expires_at_ms);
    buffer_text_append(draft->out, draft->html ? "</table>\n" : "\n");
}

static void receiver_write(struct draft *draft, size_t index)
{
    const struct mail_receiver *receiver = &draft->what->receivers[index];
    AUTO(buffer_free) struct buffer given, line;
    buffer_init(&given, CELL_BYTES_MAX);
    buffer_init(&line, CELL_BYTES_MAX);
    buffer_format(&given, "%s %s", receiver->name, receiver->surname);
    prose_name(&line, buffer_text(&given));
    if (line.length > 0)
        buffer_text_append(&line, ", ");
    buffer_clear(&given);
    buffer_format(&given, "%s %s", receiver->prefix, receiver->phone);
    prose_name(&line, buffer_text(&given));
    buffer_text_append(&line, draft->words->colon);
    prose_money(&line, receiver->amount.minor, currency_text(receiver->amount.currency),
                draft->lang);
    if (draft->html)
        markup(draft, "<li>");
    else
        buffer_format(draft->out, "%3zu. ", index + 1);
    said(draft, buffer_text(&line));
    buffer_text_append(draft->out, draft->html ? "</li>\n" : "\n");
}

static void others_write(struct draft *draft, int64_t others)
{
    AUTO(buffer_free) struct buffer number;
    char line[256];
    buffer_init(&number, 64);
    if (others <= 0)
        return;
    prose_number(&number, others, draft->lang);
    if (others == 1)
        (void)snprintf(line, sizeof line, "%s", draft->words->other);
    else
        (void)snprintf(line, sizeof line,
                       draft->lang == PAYOUT_FR ? "et %s autres" : "and %s others",
                       buffer_text(&number));
    markup(draft, "<p>");
    buffer_text_append(draft->out, draft->html ? "" : "     ");
    said(draft, line);
    buffer_text_append(draft->out, draft->html ? "</p>\n" : "\n");
}

static void receivers_write(struct draft *draft)
{
    size_t count = draft->what->receiver_count;
    char title[128];
    if (count == 0)
        return;
    if (draft->what->lot->count == 1)
        (void)snprintf(title, sizeof title, "%s", draft->words->receiver);
    else if (draft->what->lot->count == (int64_t)count)
        (void)snprintf(title, sizeof title,
                       draft->lang == PAYOUT_FR ? "Les %zu bénéficiaires" : "The %zu receivers",
                       count);
    else
        (void)snprintf(title, sizeof title,
                       draft->lang == PAYOUT_FR ? "Les %zu premiers bénéficiaires"
                                                : "The first %zu receivers",
                       count);
    markup(draft, "<p>");
    said(draft, title);
    buffer_text_append(draft->out, draft->html ? "</p>\n<ol>\n" : "\n");
    for (size_t i = 0; i < count; i++)
        receiver_write(draft, i);
    markup(draft, "</ol>\n");
    others_write(draft, draft->what->lot->count - (int64_t)count);
    buffer_text_append(draft->out, "\n");
}

static void link_write_out(struct draft *draft)
{
    const char *link = draft->what->link;
    if (!draft->html) {
        buffer_text_append(draft->out, draft->words->open);
        buffer_format(draft->out, "\n%s\n\n", link);
        return;
    }
    paragraph(draft, draft->words->open);
    markup(draft, "<p><a href=\"");
    said(draft, link);
    markup(draft, "\" style=\"display:inline-block;padding:12px 20px;background:#0b5cad;"
                  "color:#ffffff;text-decoration:none;border-radius:4px\">");
    said(draft, draft->words->button);
    markup(draft, "</a></p>\n");
}

static void part_write(struct draft *draft)
{
    markup(draft, "<!DOCTYPE html>\n<html lang=\"");
    markup(draft, draft->words->lang);
    markup(draft, "\"><head><meta charset=\"utf-8\"><title>");
    markup(draft, draft->words->to_confirm);
    markup(draft, "</title></head>\n<body style=\"font-family:sans-serif;font-size:16px;"
                  "line-height:1.5;color:#111;background:#fff\">\n");
    head_write(draft);
    facts_write(draft);
    receivers_write(draft);
    if (draft->what->persons > 1)
        paragraph(draft, draft->words->two);
    link_write_out(draft);
    paragraph(draft, draft->words->opening);
    paragraph(draft, draft->words->unexpected);
    paragraph(draft, draft->words->yours);
    markup(draft, "</body></html>\n");
}

/* --- The mail --- */

static void subject_write(const struct draft *draft, struct buffer *mail)
{
    AUTO(buffer_free) struct buffer subject;
    buffer_init(&subject, CELL_BYTES_MAX);
    buffer_text_append(&subject, draft->words->to_confirm);
    buffer_text_append(&subject, draft->words->colon);
    counted_write(&subject, draft);
    buffer_text_append(&subject, ", ");
    (void)sums_write(&subject, draft->what->lot->total_minor, draft->lang);
    buffer_text_append(&subject, " (");
    prose_name(&subject, draft->what->merchant->name);
    buffer_char(&subject, ')');
    mime_header(mail, "Subject", buffer_text(&subject));
}

static void headers_write(const struct draft *draft, struct buffer *mail)
{
    const struct mail_text *what = draft->what;
    char lot[LOT_TEXT_BYTES];
    const char *host = strrchr(what->from, '@');
    invariant(host != NULL);
    lot_text(what->lot->merchant, what->lot->code, lot);
    mime_date(mail, what->now_ms);
    invariant(mail_address_valid(what->from, strlen(what->from)));
    invariant(mail_address_valid(what->to, strlen(what->to)));
    buffer_format(mail, "From: <%s>\r\nTo: <%s>\r\n", what->from, what->to);
    subject_write(draft, mail);
    /* The same however often it is sent: who gets it twice sees that it is one. */
    buffer_format(mail, "Message-ID: <lot-%s.%d%s>\r\n", lot, (int)what->number, host);
    mime_header(mail, "Auto-Submitted", "auto-generated");
    mime_header(mail, "Content-Language", draft->words->lang);
    mime_header(mail, "MIME-Version", "1.0");
    buffer_format(mail, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary);
}

void mail_text_write(const struct mail_text *what, struct buffer *mail)
{
    static const char *const types[] = {"plain", "html"};
    AUTO(buffer_free) struct buffer part;
    enum payout_lang lang = what->merchant->lang == MERCHANT_LANG_EN ? PAYOUT_EN : PAYOUT_FR;
    struct draft draft = {.what = what, .words = &all_words[lang], .lang = lang, .out = &part};
    buffer_init(&part, PART_BYTES_MAX);
    headers_write(&draft, mail);
    for (int i = 0; i < 2; i++) {
        draft.html = i == 1;
        buffer_clear(&part);
        part_write(&draft);
        invariant(buffer_ok(&part));
        buffer_format(mail,
                      "--%s\r\nContent-Type: text/%s; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                      boundary, types[i]);
        mime_quoted(mail, buffer_text(&part));
    }
    buffer_format(mail, "--%s--\r\n", boundary);
}
