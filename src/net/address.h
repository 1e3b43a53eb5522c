/* address: which IP addresses may call, and which may be called. Pure; any thread. It must never
 * resolve a name: that is the exchange's. */
#ifndef PAYOUT_NET_ADDRESS_H
#define PAYOUT_NET_ADDRESS_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/fault.h"

enum { ADDRESS_TEXT_BYTES = INET6_ADDRSTRLEN };

/* An IP address; an IPv4-mapped IPv6 address is the IPv4 one. */
struct address {
    struct in6_addr ip; /* IPv4 in mapped form. */
};
MUST_USE bool address_read(const char *text, size_t length, struct address *address);
/* False for what is neither IPv4 nor IPv6. */
MUST_USE bool address_of(const struct sockaddr *socket, struct address *address);
/* "192.0.2.1", "2001:db8::1" */
void address_text(const struct address *address, char text[ADDRESS_TEXT_BYTES]);
/* Who has one IPv6 address has its whole /64: the address with its last eight bytes zero. An IPv4
 * one is what it is. */
struct address address_house(const struct address *address);
/* True for what only this machine or its neighbours can mean: loopback, private, link-local, unique
 * local, carrier-grade NAT, multicast, documentation, unspecified, and what translates to one
 * (IPv4-mapped, NAT64, 6to4). */
bool address_private(const struct address *address);

struct address_list;
enum { ADDRESS_LIST_MAX = 256 };
/* Reads addresses and CIDRs ("10.0.0.0/8", "2001:db8::/32", "*": everybody), separated by blanks or
 * commas. The caller owns *list: address_list_close. FAULT_FINAL names the word that is none. */
MUST_USE enum fault_kind address_list_read(const char *text, struct address_list **list,
                                           struct fault *fault);
void address_list_close(struct address_list *list); /* NULL is fine. */
bool address_list_has(const struct address_list *list, const struct address *address);
size_t address_list_count(const struct address_list *list);
#endif
