/* OpenSSL looks through all of its decoders for every public key in a certificate, which costs more than all else about
 * it.  So the certificate is taken apart here: each part is checked by OpenSSL, but the public key is only compared. */
#include "x509_match.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>
#include <string.h>

#define GROUP_NAME_MAX  80
#define PUBLIC_KEY_MAX  1024 /* bytes of an encoded point */
#define RSA_MODULUS_MAX 2048

/* What is left of a DER text. */
struct der {
    const unsigned char *at, *end;
};

static bool next_is(const struct der *from, int tag, int class)
{
    const unsigned char *at = from->at;
    long length;
    int found_tag, found_class;
    return at < from->end && (ASN1_get_object(&at, &length, &found_tag, &found_class, from->end - at) & 0x81) == 0 &&
           found_tag == tag && found_class == class;
}

/* Takes one element; *ret_content is its inside. */
static bool take(struct der *from, int tag, int class, struct der *ret_content)
{
    if (!next_is(from, tag, class))
        return false;
    long length;
    int ignored;
    const unsigned char *at = from->at;
    ASN1_get_object(&at, &length, &ignored, &ignored, from->end - at);
    *ret_content = (struct der){at, at + length};
    from->at = at + length;
    return true;
}

static bool take_sequence(struct der *from, struct der *ret_content)
{
    return take(from, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, ret_content);
}

/* Takes one element that OpenSSL can decode as `item`. */
static bool take_valid(struct der *from, const ASN1_ITEM *item)
{
    ASN1_VALUE *value = ASN1_item_d2i(NULL, &from->at, from->end - from->at, item);
    ASN1_item_free(value, item);
    return value != NULL;
}

static bool take_extensions(struct der *from)
{
    struct der content;
    for (int tag = 1; tag <= 2; tag++) {
        if (next_is(from, tag, V_ASN1_CONTEXT_SPECIFIC))
            return false; /* unique ids have been out of use for decades */
    }
    if (!take(from, 3, V_ASN1_CONTEXT_SPECIFIC, &content))
        return from->at == from->end;
    return take_valid(&content, ASN1_ITEM_rptr(X509_EXTENSIONS)) && content.at == content.end && from->at == from->end;
}

/* Everything but the public key is checked; *ret_key is the inside of SubjectPublicKeyInfo. */
static bool take_apart(const unsigned char *data, long length, struct der *ret_key)
{
    struct der text = {data, data + length}, certificate, body, version;
    if (!take_sequence(&text, &certificate) || !take_sequence(&certificate, &body))
        return false;
    if (take(&body, 0, V_ASN1_CONTEXT_SPECIFIC, &version) &&
        !(take_valid(&version, ASN1_ITEM_rptr(ASN1_INTEGER)) && version.at == version.end))
        return false;
    return take_valid(&body, ASN1_ITEM_rptr(ASN1_INTEGER)) && take_valid(&body, ASN1_ITEM_rptr(X509_ALGOR)) &&
           take_valid(&body, ASN1_ITEM_rptr(X509_NAME)) && take_valid(&body, ASN1_ITEM_rptr(X509_VAL)) &&
           take_valid(&body, ASN1_ITEM_rptr(X509_NAME)) && take_sequence(&body, ret_key) && take_extensions(&body) &&
           take_valid(&certificate, ASN1_ITEM_rptr(X509_ALGOR)) &&
           take_valid(&certificate, ASN1_ITEM_rptr(ASN1_BIT_STRING)) && certificate.at == certificate.end;
}

static bool is_bytes(const struct der *text, const unsigned char *bytes, size_t length)
{
    return (size_t)(text->end - text->at) == length && memcmp(text->at, bytes, length) == 0;
}

static bool take_object(struct der *from, int nid)
{
    const ASN1_OBJECT *object = OBJ_nid2obj(nid);
    struct der content;
    return object != NULL && nid != NID_undef && take(from, V_ASN1_OBJECT, V_ASN1_UNIVERSAL, &content) &&
           is_bytes(&content, OBJ_get0_data(object), OBJ_length(object));
}

/* A bit string of whole bytes. */
static bool take_bytes(struct der *from, struct der *ret_content)
{
    return take(from, V_ASN1_BIT_STRING, V_ASN1_UNIVERSAL, ret_content) && ret_content->at < ret_content->end &&
           *ret_content->at++ == 0;
}

static bool is_point(struct der *algorithm, const struct der *bits, EVP_PKEY *key)
{
    char group[GROUP_NAME_MAX];
    unsigned char point[PUBLIC_KEY_MAX];
    size_t length;
    return take_object(algorithm, NID_X9_62_id_ecPublicKey) &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1 &&
           take_object(algorithm, OBJ_sn2nid(group)) && algorithm->at == algorithm->end &&
           EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof(point), &length) ==
               1 &&
           is_bytes(bits, point, length);
}

static bool take_number(struct der *from, EVP_PKEY *key, const char *name)
{
    struct der content;
    unsigned char bytes[RSA_MODULUS_MAX];
    BIGNUM *number = NULL;
    if (!take(from, V_ASN1_INTEGER, V_ASN1_UNIVERSAL, &content) || EVP_PKEY_get_bn_param(key, name, &number) != 1)
        return false;
    int length = BN_num_bytes(number);
    bool fits = length > 0 && length <= RSA_MODULUS_MAX;
    if (fits)
        BN_bn2bin(number, bytes);
    BN_free(number);
    if (fits && (bytes[0] & 0x80) != 0 && (content.at == content.end || *content.at++ != 0))
        return false;
    return fits && is_bytes(&content, bytes, (size_t)length);
}

static bool is_modulus(struct der *algorithm, struct der *bits, EVP_PKEY *key)
{
    struct der nothing, numbers;
    return take_object(algorithm, NID_rsaEncryption) && take(algorithm, V_ASN1_NULL, V_ASN1_UNIVERSAL, &nothing) &&
           nothing.at == nothing.end && algorithm->at == algorithm->end && take_sequence(bits, &numbers) &&
           bits->at == bits->end && take_number(&numbers, key, OSSL_PKEY_PARAM_RSA_N) &&
           take_number(&numbers, key, OSSL_PKEY_PARAM_RSA_E) && numbers.at == numbers.end;
}

bool x509_match_key(const unsigned char *der, long length, EVP_PKEY *key)
{
    struct der info, algorithm, bits;
    if (!take_apart(der, length, &info) || !take_sequence(&info, &algorithm) || !take_bytes(&info, &bits) ||
        info.at != info.end)
        return false;
    int type = EVP_PKEY_get_base_id(key);
    if (type == EVP_PKEY_EC)
        return is_point(&algorithm, &bits, key);
    return type == EVP_PKEY_RSA && is_modulus(&algorithm, &bits, key);
}
