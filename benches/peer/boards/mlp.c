/* A perceptron with a hidden layer of HIDDEN rectified neurons, a multiple of 16, and weights of 8 bits. */
#include "model.h"
#include "rows.h"

static const uint32_t *shown;

void prepare(void)
{
}

void show(const uint32_t *state)
{
    shown = state;
}

/* Sums of sixteen hidden neurons. */
static void sixteen(const uint32_t *row, uint32_t *sums)
{
    uint32_t a = 0, b = 0, c = 0, d = 0, odd_a = 0, odd_b = 0, odd_c = 0, odd_d = 0;
    for (uint32_t w = 0; 32 * w < PIXELS; w++, row += 4 * 32) {
        for (uint32_t left = pixels_of(shown, w); left; left &= left - 1) {
            const uint32_t *at = row + 4 * __builtin_ctz(left);
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
    apart(a, odd_a, sums);
    apart(b, odd_b, sums + 4);
    apart(c, odd_c, sums + 8);
    apart(d, odd_d, sums + 12);
}

uint32_t classify(void)
{
    const int32_t offset = 128 * (int32_t)count_on(shown);
    int32_t fields[10];
    uint32_t best = 0;
    for (uint32_t k = 0; k < 10; k++) {
        fields[k] = biases[k];
    }
    for (uint32_t group = 0; group < HIDDEN; group += 16) {
        uint32_t sums[16];
        sixteen(rows + 4 * PIXELS * (group / 16), sums);
        for (uint32_t h = 0; h < 16; h++) {
            const int32_t field = (int32_t)sums[h] - offset + hidden_biases[group + h];
            if (field > 0) {
                const int32_t value = field >> SHIFT < 255 ? field >> SHIFT : 255;
                const int8_t *weights = output[group + h];
                for (uint32_t k = 0; k < 10; k++) {
                    fields[k] += value * weights[k];
                }
            }
        }
    }
    for (uint32_t k = 1; k < 10; k++) {
        if (fields[k] > fields[best]) {
            best = k;
        }
    }
    return best;
}
