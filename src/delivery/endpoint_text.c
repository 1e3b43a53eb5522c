#include "delivery/endpoint_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "delivery/mime.h"
#include "money/mail_address.h"
#include "wire/prose.h"

/* What can't stand in quoted-printable, where "=" is followed by digits or the line's end. */
static const char boundary[] = "=_payoutd_parts";

enum { PART_BYTES_MAX = 32 * 1024, CELL_BYTES_MAX = 4096, ROWS = 4 };

struct words {
    const char *lang, *colon, *subject, *head;
    const char *rows[ROWS];
    const char *kept, *again, *others;
};
static const struct words all_words[] = {
    [PAYOUT_FR] =
        {
            .lang = "fr",
            .colon = "\u00a0: ",
            .subject = "Point de notification désactivé",
            .head = "Un de vos points de notification échoue depuis longtemps. Il a été désactivé.",
            .rows = {"Marchand", "Point de notification", "Adresse", "Désactivé le"},
            .kept = "Rien n'est perdu : ce qui aurait dû lui être envoyé est gardé, et peut lui "
                    "être envoyé de nouveau.",
            .again = "Réparez le serveur, réactivez le point de notification, puis demandez que ce "
                     "qui a été gardé soit envoyé de nouveau. Personne ne le réactive à votre "
                     "place.",
            .others = "L'adresse notify_url de chaque transfert n'est pas concernée. Ce message "
                      "n'est envoyé qu'une fois.",
        },
    [PAYOUT_EN] =
        {
            .lang = "en",
            .colon = ": ",
            .subject = "Notification endpoint switched off",
            .head = "One of your notification endpoints has failed for long. It was switched off.",
            .rows = {"Merchant", "Endpoint", "Address", "Switched off on"},
            .kept = "Nothing is lost: what should have been sent to it is kept, and can be sent to "
                    "it again.",
            .again = "Mend the server, switch the endpoint on again, then ask for what was kept to "
                     "be sent again. Nobody switches it on for you.",
            .others = "The notify_url of each transfer is not concerned. This message is sent only "
                      "once.",
        },
};

/* A mail in the making. */
struct draft {
    const struct endpoint_text *what;
    const struct words *words;
    enum payout_lang lang;
    struct buffer *out; /* A part as it is read, before it is encoded. */
    bool html;
};

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

static void row(struct draft *draft, size_t index, const struct buffer *value)
{
    markup(draft, "<tr><th align=\"left\" valign=\"top\" style=\"padding:2px 16px 2px 0;"
                  "font-weight:normal;color:#444\">");
    said(draft, draft->words->rows[index]);
    buffer_text_append(draft->out,
                       draft->html ? "</th><td style=\"padding:2px 0\">" : draft->words->colon);
    said(draft, buffer_text(value));
    buffer_text_append(draft->out, draft->html ? "</td></tr>\n" : "\n");
}

static void rows_write(struct draft *draft)
{
    const struct endpoint_text *what = draft->what;
    AUTO(buffer_free) struct buffer value;
    buffer_init(&value, CELL_BYTES_MAX);
    markup(draft, "<table role=\"presentation\" cellspacing=\"0\" cellpadding=\"0\">\n");
    prose_name(&value, what->merchant->name);
    row(draft, 0, &value);
    buffer_clear(&value);
    buffer_format(&value, "%" PRId32, what->endpoint->number);
    row(draft, 1, &value);
    buffer_clear(&value);
    prose_name(&value, what->endpoint->url); /* No link: nobody has to open it. */
    row(draft, 2, &value);
    buffer_clear(&value);
    prose_time(&value, what->made_at_ms, draft->lang);
    row(draft, 3, &value);
    buffer_text_append(draft->out, draft->html ? "</table>\n" : "\n");
}

static void part_write(struct draft *draft)
{
    markup(draft, "<!DOCTYPE html>\n<html lang=\"");
    markup(draft, draft->words->lang);
    markup(draft, "\"><head><meta charset=\"utf-8\"><title>");
    markup(draft, draft->words->subject);
    markup(draft, "</title></head>\n<body style=\"font-family:sans-serif;font-size:16px;"
                  "line-height:1.5;color:#111;background:#fff\">\n");
    paragraph(draft, draft->words->head);
    rows_write(draft);
    paragraph(draft, draft->words->kept);
    paragraph(draft, draft->words->again);
    paragraph(draft, draft->words->others);
    markup(draft, "</body></html>\n");
}

static void headers_write(const struct draft *draft, struct buffer *mail)
{
    const struct endpoint_text *what = draft->what;
    const char *host = strrchr(what->from, '@');
    AUTO(buffer_free) struct buffer subject;
    buffer_init(&subject, CELL_BYTES_MAX);
    invariant(host != NULL);
    invariant(mail_address_valid(what->from, strlen(what->from)));
    invariant(mail_address_valid(what->to, strlen(what->to)));
    mime_date(mail, what->now_ms);
    buffer_format(mail, "From: <%s>\r\nTo: <%s>\r\n", what->from, what->to);
    buffer_text_append(&subject, draft->words->subject);
    buffer_text_append(&subject, " (");
    prose_name(&subject, what->merchant->name);
    buffer_char(&subject, ')');
    mime_header(mail, "Subject", buffer_text(&subject));
    /* The same however often it is sent: who gets it twice sees that it is one. */
    buffer_format(mail, "Message-ID: <endpoint-%" PRId64 ".%" PRId32 ".%" PRId32 "%s>\r\n",
                  what->merchant->id.value, what->endpoint->number, what->number, host);
    mime_header(mail, "Auto-Submitted", "auto-generated");
    mime_header(mail, "Content-Language", draft->words->lang);
    mime_header(mail, "MIME-Version", "1.0");
    buffer_format(mail, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary);
}

void endpoint_text_write(const struct endpoint_text *what, struct buffer *mail)
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
