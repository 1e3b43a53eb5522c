/* say: what a person reads, in French or English: by --lang, PAYOUT_LANG or the locale. English is
 * what stands in the code; say.def has the French for it. Data (words of the API, JSON) never
 * changes with the language. */
#ifndef PAYOUT_CLI_SAY_H
#define PAYOUT_CLI_SAY_H

/* Finds out the language, before anything is said: the flags are looked through for --lang. */
void say_begin(int argc, char **argv);
/* "fr" or "en". */
const char *say_language(void);
/* The text in the person's language; text itself when that is English, or there is no other. */
const char *say(const char *text) __attribute__((format_arg(1)));
#endif
