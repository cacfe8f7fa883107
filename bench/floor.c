/* Cells in C over OpenSSL, a whole column for each call: the floor that the benchmark measures to.

   The format is that of strongroom's cells:  "sr1." ‖ base64(H[6] ‖ IV[16] ‖ CT ‖ T[32]).
   One AES context is started again with each IV, the keyed SHA-512 states are copied, all IVs are
   drawn by one call. The texts of a column stand end to end, and so do its plaintexts and its
   identities; where each ends is in an array beside them. */

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 6, BLOCK = 16, TAG = 32, KEY = 32, PREFIX = 4, HMAC_BLOCK = 128 };

struct mac {
    SHA512_CTX inner, outer;
};

static void mac_key(struct mac *mac, const uint8_t *key, const uint8_t *header)
{
    uint8_t pad[HMAC_BLOCK];
    memset(pad, 0x36, sizeof pad);
    for (int i = 0; i < KEY; i++)
        pad[i] ^= key[i];
    SHA512_Init(&mac->inner);
    SHA512_Update(&mac->inner, pad, sizeof pad);
    SHA512_Update(&mac->inner, header, HEADER);
    for (int i = 0; i < HMAC_BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    SHA512_Init(&mac->outer);
    SHA512_Update(&mac->outer, pad, sizeof pad);
}

static void mac_tag(const struct mac *mac, const uint8_t *identity, size_t identity_length,
                    const uint8_t *body, size_t body_length, uint8_t *digest)
{
    uint8_t bits[8];
    uint64_t count = (HEADER + identity_length) * 8;
    for (int i = 0; i < 8; i++)
        bits[i] = (uint8_t)(count >> (56 - 8 * i));
    SHA512_CTX state = mac->inner;
    SHA512_Update(&state, identity, identity_length);
    SHA512_Update(&state, body, body_length);
    SHA512_Update(&state, bits, sizeof bits);
    SHA512_Final(digest, &state);
    state = mac->outer;
    SHA512_Update(&state, digest, SHA512_DIGEST_LENGTH);
    SHA512_Final(digest, &state);
}

static size_t longest(const size_t *ends, size_t count)
{
    size_t most = 0, start = 0;
    for (size_t n = 0; n < count; start = ends[n++])
        if (ends[n] - start > most)
            most = ends[n] - start;
    return most;
}

/* Returns how many cells were sealed: all of them, unless OpenSSL failed. */
size_t floor_seal(const uint8_t *key, const uint8_t *header, size_t count, const uint8_t *plain,
                  const size_t *plain_ends, const uint8_t *identities, const size_t *identity_ends,
                  char *texts, size_t *text_ends)
{
    size_t room = HEADER + 2 * BLOCK + longest(plain_ends, count) + SHA512_DIGEST_LENGTH;
    uint8_t *raw = malloc(room), *ivs = malloc(count * BLOCK + 1);
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    size_t done = 0, from = 0, who = 0, to = 0;
    struct mac mac;
    mac_key(&mac, key, header);
    if (!raw || !ivs || !aes || RAND_bytes(ivs, (int)(count * BLOCK)) != 1 ||
        EVP_EncryptInit_ex(aes, EVP_aes_256_cbc(), NULL, key + KEY, NULL) != 1)
        goto end;
    memcpy(raw, header, HEADER);
    for (; done < count; done++) {
        size_t length = plain_ends[done] - from, body = BLOCK;
        uint8_t *iv = raw + HEADER;
        int made = 0, last = 0;
        memcpy(iv, ivs + done * BLOCK, BLOCK);
        if (EVP_EncryptInit_ex(aes, NULL, NULL, NULL, iv) != 1 ||
            EVP_EncryptUpdate(aes, iv + BLOCK, &made, plain + from, (int)length) != 1 ||
            EVP_EncryptFinal_ex(aes, iv + BLOCK + made, &last) != 1)
            goto end;
        body += (size_t)made + (size_t)last;
        mac_tag(&mac, identities + who, identity_ends[done] - who, iv, body, iv + body);
        memcpy(texts + to, "sr1.", PREFIX);
        to += PREFIX;
        to += (size_t)EVP_EncodeBlock((uint8_t *)texts + to, raw, (int)(HEADER + body + TAG));
        text_ends[done] = to;
        from = plain_ends[done];
        who = identity_ends[done];
    }
end:
    EVP_CIPHER_CTX_free(aes);
    free(ivs);
    free(raw);
    return done;
}

/* Decodes one text; returns the length of what it spells, or 0 if it is not the one spelling. */
static size_t decode(const char *text, size_t length, uint8_t *raw, uint8_t *again)
{
    if (length <= PREFIX || length % 4 || memcmp(text, "sr1.", PREFIX))
        return 0;
    int found = EVP_DecodeBlock(raw, (const uint8_t *)text + PREFIX, (int)(length - PREFIX));
    if (found < 0)
        return 0;
    size_t size = (size_t)found - (text[length - 1] == '=') - (text[length - 2] == '=');
    int spelled = EVP_EncodeBlock(again, raw, (int)size);
    return (size_t)spelled == length - PREFIX && !memcmp(again, text + PREFIX, length - PREFIX)
               ? size
               : 0;
}

/* Returns how many cells were opened: all of them, or those before the first bad one. */
size_t floor_open(const uint8_t *key, const uint8_t *header, size_t count, const char *texts,
                  const size_t *text_ends, const uint8_t *identities, const size_t *identity_ends,
                  uint8_t *plain, size_t *plain_ends)
{
    size_t room = longest(text_ends, count) + 1;
    uint8_t *raw = malloc(room), *again = malloc(room), digest[SHA512_DIGEST_LENGTH];
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    size_t done = 0, from = 0, who = 0, to = 0;
    struct mac mac;
    mac_key(&mac, key, header);
    if (!raw || !again || !aes ||
        EVP_DecryptInit_ex(aes, EVP_aes_256_cbc(), NULL, key + KEY, NULL) != 1)
        goto end;
    for (; done < count; done++) {
        size_t size = decode(texts + from, text_ends[done] - from, raw, again);
        size_t body = size - HEADER - TAG;
        int made = 0, last = 0;
        if (size < HEADER + 2 * BLOCK + TAG || body % BLOCK || memcmp(raw, header, HEADER))
            goto end;
        uint8_t *iv = raw + HEADER;
        mac_tag(&mac, identities + who, identity_ends[done] - who, iv, body, digest);
        if (CRYPTO_memcmp(digest, iv + body, TAG) ||
            EVP_DecryptInit_ex(aes, NULL, NULL, NULL, iv) != 1 ||
            EVP_DecryptUpdate(aes, plain + to, &made, iv + BLOCK, (int)(body - BLOCK)) != 1 ||
            EVP_DecryptFinal_ex(aes, plain + to + made, &last) != 1) /* checks the padding */
            goto end;
        to += (size_t)made + (size_t)last;
        plain_ends[done] = to;
        from = text_ends[done];
        who = identity_ends[done];
    }
end:
    EVP_CIPHER_CTX_free(aes);
    free(again);
    free(raw);
    return done;
}

const char *floor_openssl(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
