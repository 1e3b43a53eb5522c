/* The room's own of spec: values of jansson that are surely there, and schemas. */
#ifndef PAYOUT_HTTP_SPEC_OWN_H
#define PAYOUT_HTTP_SPEC_OWN_H
#include <jansson.h>

#include "http/spec.h"

/* The value, which has to be there: memory never lacks in payoutd. */
json_t *spec_made(json_t *value);
/* Both take value over. */
void spec_put(json_t *object, const char *name, json_t *value);
void spec_add(json_t *array, json_t *value);

json_t *spec_text_schema(const char *about);
json_t *spec_member_schema(const struct spec_member *member);
/* Of the parameter `data`. */
json_t *spec_items_schema(const struct spec_member *member);
/* open: it may have members that nobody told of. */
json_t *spec_object_schema(const struct spec_member *members, bool open);
/* The whole reply of a success; takes over the schema of its data. */
json_t *spec_success_schema(json_t *data);
/* A refusal's, with one of these codes; takes over the schema of its data. */
json_t *spec_refusal_schema(const enum payout_code *codes, size_t count, json_t *data);
/* Of `data` in a success. */
json_t *spec_data_schema(const struct spec *spec);
#endif
