#include "net/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_BITS = 128, IPV4_BITS = 32, IPV4_AT_BIT = ADDRESS_BITS - IPV4_BITS };

/* All addresses whose first bits are those of ip; the other bits of ip are zero. */
struct range {
    struct in6_addr ip;
    unsigned bits;
};

struct address_list {
    bool everybody;
    size_t count;
    struct range ranges[];
};

/* The IPv4 address that stands in four bytes of an IPv6 one, in mapped form. */
static struct address address_inside(const uint8_t ipv4[4])
{
    struct address address = {0};
    address.ip.s6_addr[10] = address.ip.s6_addr[11] = 0xff;
    memcpy(address.ip.s6_addr + 12, ipv4, 4);
    return address;
}

static bool address_is_ipv4(const struct address *address)
{
    return IN6_IS_ADDR_V4MAPPED(&address->ip) != 0;
}

bool address_read(const char *text, size_t length, struct address *address)
{
    char copy[ADDRESS_TEXT_BYTES];
    if (length == 0 || length >= sizeof copy || memchr(text, '\0', length) != NULL)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    struct in_addr ipv4;
    if (inet_pton(AF_INET, copy, &ipv4) == 1) {
        uint8_t bytes[4];
        memcpy(bytes, &ipv4, sizeof bytes);
        *address = address_inside(bytes);
        return true;
    }
    struct in6_addr ipv6;
    if (inet_pton(AF_INET6, copy, &ipv6) != 1)
        return false;
    address->ip = ipv6;
    return true;
}

bool address_of(const struct sockaddr *socket, struct address *address)
{
    if (socket->sa_family == AF_INET) {
        struct sockaddr_in ipv4;
        uint8_t bytes[4];
        memcpy(&ipv4, socket, sizeof ipv4);
        memcpy(bytes, &ipv4.sin_addr, sizeof bytes);
        *address = address_inside(bytes);
        return true;
    }
    if (socket->sa_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, socket, sizeof ipv6);
        address->ip = ipv6.sin6_addr;
        return true;
    }
    return false;
}

void address_text(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
    const char *written =
        address_is_ipv4(address)
            ? inet_ntop(AF_INET, address->ip.s6_addr + 12, text, ADDRESS_TEXT_BYTES)
            : inet_ntop(AF_INET6, &address->ip, text, ADDRESS_TEXT_BYTES);
    invariant(written != NULL);
}

struct address address_house(const struct address *address)
{
    struct address house = *address;
    if (!address_is_ipv4(address))
        memset(house.ip.s6_addr + 8, 0, 8);
    return house;
}

static bool range_has(const struct range *range, const struct in6_addr *ip)
{
    size_t whole = range->bits / 8;
    unsigned rest = range->bits % 8;
    if (memcmp(range->ip.s6_addr, ip->s6_addr, whole) != 0)
        return false;
    if (rest == 0)
        return true;
    unsigned differ = (unsigned)(range->ip.s6_addr[whole] ^ ip->s6_addr[whole]);
    return (differ >> (8 - rest)) == 0;
}

/* The special-purpose registries of IANA (RFC 6890 and after), what is not globally reachable. */
#define IPV4(a, b, c, d, length)                                                                   \
    {                                                                                              \
        .ip.s6_addr = {[10] = 0xff, 0xff, (a), (b), (c), (d)}, .bits = IPV4_AT_BIT + (length)      \
    }
static const struct range private_ipv4[] = {
    IPV4(0, 0, 0, 0, 8),       /* This network: 0.0.0.0 reaches this machine. */
    IPV4(10, 0, 0, 0, 8),      /* Private */
    IPV4(100, 64, 0, 0, 10),   /* Carrier-grade NAT */
    IPV4(127, 0, 0, 0, 8),     /* Loopback */
    IPV4(169, 254, 0, 0, 16),  /* Link-local: clouds give out their secrets there. */
    IPV4(172, 16, 0, 0, 12),   /* Private */
    IPV4(192, 0, 0, 0, 24),    /* Protocol assignments */
    IPV4(192, 0, 2, 0, 24),    /* Documentation */
    IPV4(192, 88, 99, 0, 24),  /* 6to4 relays */
    IPV4(192, 168, 0, 0, 16),  /* Private */
    IPV4(198, 18, 0, 0, 15),   /* Benchmarking */
    IPV4(198, 51, 100, 0, 24), /* Documentation */
    IPV4(203, 0, 113, 0, 24),  /* Documentation */
    IPV4(224, 0, 0, 0, 4),     /* Multicast */
    IPV4(240, 0, 0, 0, 4),     /* Reserved, and 255.255.255.255 */
};
/* IANA allots global IPv6 addresses from 2000::/3 alone: all outside it is private, and these in
 * it. */
static const struct range global_ipv6 = {.ip.s6_addr = {0x20}, .bits = 3};
static const struct range private_ipv6[] = {
    {.ip.s6_addr = {0x20, 0x01}, .bits = 23},             /* Protocols: Teredo, ORCHID … */
    {.ip.s6_addr = {0x20, 0x01, 0x0d, 0xb8}, .bits = 32}, /* Documentation */
    {.ip.s6_addr = {0x3f, 0xff}, .bits = 20},             /* Documentation */
};
/* What a translator makes an IPv4 address of, which stands at a byte. */
static const struct translation {
    struct range range;
    size_t at_byte;
} translations[] = {
    {{.ip.s6_addr = {0x00, 0x64, 0xff, 0x9b}, .bits = 96}, 12}, /* NAT64 64:ff9b::/96 */
    {{.ip.s6_addr = {[8] = 0xff, 0xff}, .bits = 96}, 12},       /* SIIT ::ffff:0:0:0/96 */
    {{.ip.s6_addr = {0x20, 0x02}, .bits = 16}, 2},              /* 6to4 2002::/16 */
};

static bool ranges_have(const struct range *ranges, size_t count, const struct in6_addr *ip)
{
    for (size_t i = 0; i < count; i++)
        if (range_has(&ranges[i], ip))
            return true;
    return false;
}

bool address_private(const struct address *address)
{
    const struct in6_addr *ip = &address->ip;
    if (address_is_ipv4(address))
        return ranges_have(private_ipv4, sizeof private_ipv4 / sizeof *private_ipv4, ip);
    for (size_t i = 0; i < sizeof translations / sizeof *translations; i++) {
        if (!range_has(&translations[i].range, ip))
            continue;
        struct address inside = address_inside(ip->s6_addr + translations[i].at_byte);
        return ranges_have(private_ipv4, sizeof private_ipv4 / sizeof *private_ipv4, &inside.ip);
    }
    return !range_has(&global_ipv6, ip) ||
           ranges_have(private_ipv6, sizeof private_ipv6 / sizeof *private_ipv6, ip);
}

/* --- Lists --- */

static const char separators[] = " \t\r\n,";

/* The length of a "/" part, one to three digits up to most; false for anything else. */
static bool prefix_read(const char *text, size_t length, unsigned most, unsigned *bits)
{
    unsigned read = 0;
    if (length == 0 || length > 3)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        read = read * 10 + (unsigned)(text[i] - '0');
    }
    if (read > most || (length > 1 && text[0] == '0'))
        return false;
    *bits = read;
    return true;
}

static bool range_read(const char *word, size_t length, struct range *range)
{
    const char *slash = memchr(word, '/', length);
    size_t ip_length = slash == NULL ? length : (size_t)(slash - word);
    struct address address;
    if (!address_read(word, ip_length, &address))
        return false;
    bool ipv4_text = memchr(word, ':', ip_length) == NULL;
    unsigned most = ipv4_text ? IPV4_BITS : ADDRESS_BITS, bits = most;
    if (slash != NULL && !prefix_read(slash + 1, length - ip_length - 1, most, &bits))
        return false;
    *range = (struct range){.ip = address.ip, .bits = ipv4_text ? IPV4_AT_BIT + bits : bits};
    for (unsigned bit = range->bits; bit < ADDRESS_BITS; bit++)
        range->ip.s6_addr[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
    return true;
}

/* Cuts the next word off *text; false when there is none. */
static bool word_next(const char **text, const char **word, size_t *length)
{
    *word = *text + strspn(*text, separators);
    *length = strcspn(*word, separators);
    *text = *word + *length;
    return *length > 0;
}

enum fault_kind address_list_read(const char *text, struct address_list **list, struct fault *fault)
{
    const char *rest = text, *word;
    size_t length, count = 0;
    while (word_next(&rest, &word, &length))
        count++;
    if (count > ADDRESS_LIST_MAX)
        return fault_set(fault, FAULT_FINAL, "%zu addresses in a list, at most %d", count,
                         ADDRESS_LIST_MAX);
    struct address_list *read = calloc(1, sizeof *read + count * sizeof *read->ranges);
    invariant(read != NULL);
    for (rest = text; word_next(&rest, &word, &length);) {
        if (length == 1 && word[0] == '*') {
            read->everybody = true;
        } else if (range_read(word, length, &read->ranges[read->count])) {
            read->count++;
        } else {
            address_list_close(read);
            return fault_set(fault, FAULT_FINAL, "\"%.*s\" is no address and no network",
                             (int)(length > 64 ? 64 : length), word);
        }
    }
    *list = read;
    return FAULT_NONE;
}

void address_list_close(struct address_list *list)
{
    free(list);
}

bool address_list_has(const struct address_list *list, const struct address *address)
{
    if (list->everybody)
        return true;
    for (size_t i = 0; i < list->count; i++) {
        const struct range *range = &list->ranges[i];
        /* "::/0" speaks of IPv6: that IPv4 is kept in mapped form is nothing its writer thought of.
         */
        if (address_is_ipv4(address) && range->bits < IPV4_AT_BIT)
            continue;
        if (range_has(range, &address->ip))
            return true;
    }
    return false;
}

size_t address_list_count(const struct address_list *list)
{
    return list->count + (list->everybody ? 1 : 0);
}
