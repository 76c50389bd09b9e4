/* dam_init and dam_classify of dam.h in plain C, for programs that have no room for the library, or no Rust: models with
 * weights of 8 bits and n = 2 (the default of `dam export`; --classes-only leaves out what is not needed here). Answers and
 * errors are the library's, `cargo xtask firmware` compares them. Its words are those of docs/exported-model.md.
 *
 * Signed numbers are in two's complement, and their right shifts keep the sign, as on every compiler for such machines. */
#include "dam.h"

#define HEADER 16u
#define LANES 16u          /* memory vectors of a group */
#define MOST_NEURONS 16384u
#define NO_SLOPE 0x80000000u
#define BLOCK 256u         /* rows whose sums fit 16 bits */
#define AT_ONCE 5u         /* class neurons whose sums fit the registers of a Cortex-M */

/* What the header says. */
typedef struct {
    uint32_t inputs, classes, padded;
    const uint32_t *factors, *drifts, *weights_to_classes, *weights;
} model;

/* Reads the header; returns the words of the model. */
static uint32_t read(model *m, const uint32_t *words)
{
    m->inputs = (words[4] & 0xffff) * (words[4] >> 16) + (words[5] & 0xffff);
    m->classes = words[5] >> 16;
    m->padded = (words[6] + LANES - 1) & ~(LANES - 1);
    const int all = !(words[1] >> 24 & 1);
    m->factors = words + HEADER;
    const uint32_t *after = m->factors + (all ? 4 : 3) * m->padded;
    m->weights_to_classes = after + 2 * (m->classes + (all ? m->inputs : 0));
    m->drifts = m->weights_to_classes - 2 * m->classes;
    m->weights = m->weights_to_classes + m->padded * m->classes;
    return (uint32_t)(m->weights - words) + m->padded / 4 * m->inputs;
}

/* CRC-32 of all words but the fourth, four bits at a time. */
static uint32_t checksum(const uint32_t *words, uint32_t length)
{
    uint32_t crc = ~0u;
    for (uint32_t i = 0; i < length; i++) {
        if (i != 3) {
            crc ^= words[i];
            for (int bit = 0; bit < 32; bit++) {
                crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
            }
        }
    }
    return ~crc;
}

/* Where a pointer cannot be used: DAM_NULL or DAM_ALIGNMENT. */
static dam_error unusable(const void *pointer, uintptr_t align)
{
    return !pointer ? DAM_NULL : (uintptr_t)pointer & (align - 1) ? DAM_ALIGNMENT : DAM_OK;
}

/* What is wrong with a model's words. */
static dam_error wrong(const uint32_t *words, uint32_t length)
{
    model m;
    if (length < HEADER || words[0] != 0x514d4144u) {
        return DAM_NOT_A_MODEL;
    }
    if ((words[1] & 0xffff) != 4) {
        return DAM_VERSION;
    }
    if (words[1] >> 25) {
        return DAM_HEADER;
    }
    if ((words[1] >> 16 & 0xff) != 8) {
        return DAM_PRECISION;
    }
    if (words[2] != length) {
        return DAM_LENGTH;
    }
    const uint32_t pixels = (words[4] & 0xffff) * (words[4] >> 16), others = (words[5] & 0xffff) + (words[5] >> 16);
    if (pixels > MOST_NEURONS || pixels + others > MOST_NEURONS || !(words[5] >> 16) || words[6] - 1 > 0xffff ||
        !(pixels + (words[5] & 0xffff))) {
        return DAM_HEADER;
    }
    if (read(&m, words) != length) {
        return DAM_LENGTH;
    }
    const uint32_t n = words[7] >> 8;
    if ((words[7] & 0xff) > 2 || n - 1 > 254 || words[9] > 30 || words[10] + 1000 > 2000) {
        return DAM_HEADER;
    }
    if (n != 2 || words[15] == NO_SLOPE) {
        return DAM_VERTEX;
    }
    return checksum(words, length) != words[3] ? DAM_CHECKSUM : DAM_OK;
}

dam_error dam_init(dam_recall *recall, const uint32_t *words, uint32_t length, void *scratch, uint32_t scratch_bytes)
{
    model m;
    dam_error error = unusable(recall, sizeof(void *));
    if (!error) {
        error = unusable(words, 4);
    }
    if (!error) {
        error = unusable(scratch, 8);
    }
    if (!error) {
        error = wrong(words, length);
    }
    if (error) {
        return error;
    }
    read(&m, words);
    if (scratch_bytes < 4 * (m.classes + AT_ONCE - 1)) {
        return DAM_SCRATCH;
    }
    recall->precision = 8;
    recall->words = (m.inputs + m.classes + 31) / 32;
    recall->held[0] = words;
    recall->held[1] = scratch;
    return DAM_OK;
}

/* Adds bytes 1 and 3 of a word to the halves of a sum. */
static inline uint32_t add_odd(uint32_t sum, uint32_t word)
{
#if defined(__ARM_FEATURE_SIMD32) && defined(__GNUC__)
    __asm__("uxtab16 %0, %0, %1, ror #8" : "+r"(sum) : "r"(word));
    return sum;
#else
    return sum + (word >> 8 & 0x00ff00ff);
#endif
}

/* A word of a state whose first `bits` bits are looked at. */
static inline uint32_t first_bits(uint32_t word, uint32_t bits)
{
    return bits < 32 ? word & ((1u << bits) - 1) : word;
}

/* Adds, to sums of 16 lanes, those of at most 256 rows whose bits are set: bytes of four words each. */
static void add_rows(const uint32_t *row, const uint32_t *state, uint32_t rows, uint32_t *sums)
{
    uint32_t a = 0, b = 0, c = 0, d = 0, odd_a = 0, odd_b = 0, odd_c = 0, odd_d = 0;
    for (int32_t bits = (int32_t)rows; bits > 0; bits -= 32, row += 4 * 32) {
        uint32_t left = first_bits(*state++, (uint32_t)bits);
        const uint32_t *at = row;
#if defined(__ARM_FEATURE_CLZ) && defined(__GNUC__)
        for (; left; left &= left - 1) {
            at = row + 4 * __builtin_ctz(left);
#else
        for (; left; left >>= 1, at += 4) {
            if (!(left & 1)) {
                continue;
            }
#endif
            a += at[0];
            odd_a = add_odd(odd_a, at[0]);
            b += at[1];
            odd_b = add_odd(odd_b, at[1]);
            c += at[2];
            odd_c = add_odd(odd_c, at[2]);
            d += at[3];
            odd_d = add_odd(odd_d, at[3]);
        }
    }
    const uint32_t all[8] = {a, odd_a, b, odd_b, c, odd_c, d, odd_d};
    for (int w = 0; w < 4; w++, sums += 4) {
        const uint32_t odd = all[2 * w + 1], even = all[2 * w] - (odd << 8);
        sums[0] += even & 0xffff;
        sums[1] += odd & 0xffff;
        sums[2] += even >> 16;
        sums[3] += odd >> 16;
    }
}

static inline int32_t high(int32_t a, int32_t b)
{
    return (int32_t)((int64_t)a * b >> 32);
}

/* The higher half of x (x - slope) for x > 0. */
static inline int32_t term(int32_t x, int32_t slope)
{
    return high(x < 0 ? 0 : x, (int32_t)((uint32_t)x - (uint32_t)slope));
}

/* An active memory vector: its base, and its weights to class neurons. */
typedef struct {
    uint32_t base;
    const uint32_t *weights;
} active;

/* Adds the terms of active memory vectors to the sums of five class neurons. */
static void five(const active *list, const active *end, uint32_t class, int32_t slope, uint32_t *sums)
{
    uint32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3], e = sums[4];
    for (; list != end; list++) {
        const uint32_t x = list->base, *weights = list->weights + class;
        a += (uint32_t)term((int32_t)(x + weights[0]), slope);
        b += (uint32_t)term((int32_t)(x + weights[1]), slope);
        c += (uint32_t)term((int32_t)(x + weights[2]), slope);
        d += (uint32_t)term((int32_t)(x + weights[3]), slope);
        e += (uint32_t)term((int32_t)(x + weights[4]), slope);
    }
    sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d, sums[4] = e;
}

dam_error dam_classify(dam_recall *recall, const uint32_t *state, uint32_t words, uint32_t *answer)
{
    dam_error error = unusable(recall, sizeof(void *));
    if (!error) {
        error = unusable(state, 4);
    }
    if (!error) {
        error = unusable(answer, 4);
    }
    if (error) {
        return error;
    }
    if (words < recall->words) {
        return DAM_STATE;
    }
    const uint32_t *header = recall->held[0];
    uint32_t *sums = (uint32_t *)recall->held[1];
    model m;
    read(&m, header);
    const uint32_t shift = header[9] + 1;
    const int32_t slope = (int32_t)header[15];
    uint32_t on = 0;
    for (uint32_t w = 0; 32 * w < m.inputs; w++) {
        for (uint32_t left = first_bits(state[w], m.inputs - 32 * w); left; left &= left - 1) {
            on++;
        }
    }
    /* All begin alike, with any number: only their order is asked for. Not with 0, for which compilers call memset. */
    for (uint32_t c = 0; c < m.classes + AT_ONCE - 1; c++) {
        sums[c] = on;
    }
    const uint32_t *rows = m.weights, *weights = m.weights_to_classes;
    for (const uint32_t *factors = m.factors; factors != m.factors + m.padded; factors += LANES, rows += 4 * m.inputs) {
        uint32_t group[LANES];
        for (uint32_t lane = 0; lane < LANES; lane++) {
            group[lane] = 0u - 128 * on;
        }
        for (uint32_t first = 0; first < m.inputs; first += BLOCK) {
            const uint32_t rest = m.inputs - first;
            add_rows(rows + 4 * first, state + first / 32, rest < BLOCK ? rest : BLOCK, group);
        }
        active list[LANES], *end = list;
        for (uint32_t lane = 0; lane < LANES; lane++, weights += m.classes) {
            const uint32_t *totals = factors + m.padded, *tops = totals + m.padded;
            const int32_t similarity = (int32_t)((group[lane] << shift) - totals[lane]);
            const uint32_t base = (uint32_t)high(similarity, (int32_t)factors[lane]);
            /* Otherwise no class neuron that is on gives it a similarity above 0. */
            if ((int32_t)(base + tops[lane]) > 0) {
                end->base = base;
                end++->weights = weights;
            }
        }
        for (uint32_t class = 0; class < m.classes; class += AT_ONCE) {
            five(list, end, class, slope, sums + class);
        }
    }
    int64_t best = INT64_MIN;
    for (uint32_t c = 0; c < m.classes; c++) {
        const uint64_t drift = (uint64_t)m.drifts[2 * c + 1] << 32 | m.drifts[2 * c];
        const int64_t field = ((int64_t)(drift * (uint64_t)(int64_t)slope) >> 32) + (int32_t)sums[c];
        if (c == 0 || field > best) {
            best = field;
            *answer = c;
        }
    }
    return DAM_OK;
}
