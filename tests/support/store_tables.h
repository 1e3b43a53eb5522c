/* store_tables: everything that a store has committed, as plain arrays, for auditors: the store in
 * memory has it so, and what stands on another store is read into it. */
#ifndef PAYOUT_TESTS_STORE_TABLES_H
#define PAYOUT_TESTS_STORE_TABLES_H
#include "store/store.h"

#define STORE_MEMORY_TABLES(TABLE)                                                                 \
    TABLE(merchant, struct merchant)                                                               \
    TABLE(account, struct account_balance)                                                         \
    TABLE(contact, struct contact)                                                                 \
    TABLE(transfer, struct transfer)                                                               \
    TABLE(lot, struct lot)                                                                         \
    TABLE(notification, struct notification)                                                       \
    TABLE(endpoint, struct endpoint)                                                               \
    TABLE(funding, struct funding)                                                                 \
    TABLE(movement, struct movement)                                                               \
    TABLE(delivery, struct delivery)                                                               \
    TABLE(contradiction, struct contradiction)                                                     \
    TABLE(usage, struct usage)                                                                     \
    TABLE(screening, struct screening)                                                             \
    TABLE(settlement, struct settlement)                                                           \
    TABLE(approval, struct approval)                                                               \
    TABLE(mail, struct mail)                                                                       \
    TABLE(user, struct user)                                                                       \
    TABLE(session, struct session)                                                                 \
    TABLE(channel_switch, struct channel_switch)                                                   \
    TABLE(channel_account, struct channel_account)                                                 \
    TABLE(reversal, struct reversal)                                                               \
    TABLE(callback, struct callback)                                                               \
    TABLE(act, struct act)                                                                         \
    TABLE(act_head, struct act_head)                                                               \
    TABLE(head, struct ledger_head)
struct store_memory_tables {
#define TABLE(name, type)                                                                          \
    type *name##s;                                                                                 \
    size_t name##_count, name##_room;
    STORE_MEMORY_TABLES(TABLE)
#undef TABLE
};
#endif
