#include "wire/utf8.h"

#include <stdint.h>

size_t utf8_length(const char *text, size_t length)
{
    unsigned char first = (unsigned char)text[0];
    if (first < 0x80)
        return 1;
    size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || count > length)
        return 0;
    uint32_t character = first & (0x7fu >> count);
    for (size_t i = 1; i < count; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (byte & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool surrogate = character >= 0xd800 && character <= 0xdfff;
    return character < least[count] || character > 0x10ffff || surrogate ? 0 : count;
}

bool utf8_valid(const char *text, size_t length)
{
    for (size_t at = 0, step; at < length; at += step) {
        step = utf8_length(text + at, length - at);
        if (step == 0)
            return false;
    }
    return true;
}
