#include "operators/connectors.h"

#include <string.h>

#include "operators/cinetpay.h"
#include "operators/cinetpay_v2.h"
#include "operators/gsma.h"
#include "operators/mtn_momo.h"
#include "operators/orange_money.h"
#include "operators/sandbox.h"
#include "operators/wave.h"

static const struct operator_connector *(*const connectors[])(void) = {
    sandbox_connector,     mtn_momo_connector, wave_connector,       cinetpay_connector,
    cinetpay_v2_connector, gsma_connector,     gsma_basic_connector, orange_money_connector,
};
enum { CONNECTORS = sizeof connectors / sizeof *connectors };

const struct operator_connector *connector_at(size_t index)
{
    return index < CONNECTORS ? connectors[index]() : NULL;
}

const struct operator_connector *connector_named(const char *name)
{
    for (size_t i = 0; i < CONNECTORS; i++)
        if (strcmp(connectors[i]()->name, name) == 0)
            return connectors[i]();
    return NULL;
}
