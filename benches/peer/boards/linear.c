/* Logistic regression with weights of 8 bits: ten classes, of the twelve bytes of a row. */
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

uint32_t classify(void)
{
    uint32_t a = 0, b = 0, c = 0, odd_a = 0, odd_b = 0, odd_c = 0, sums[12], best = 0;
    const uint32_t *row = rows;
    for (uint32_t w = 0; 32 * w < PIXELS; w++, row += 3 * 32) {
        for (uint32_t left = pixels_of(shown, w); left; left &= left - 1) {
            const uint32_t *at = row + 3 * __builtin_ctz(left);
            a += at[0];
            odd_a = add_odd(odd_a, at[0]);
            b += at[1];
            odd_b = add_odd(odd_b, at[1]);
            c += at[2];
            odd_c = add_odd(odd_c, at[2]);
        }
    }
    apart(a, odd_a, sums);
    apart(b, odd_b, sums + 4);
    apart(c, odd_c, sums + 8);
    /* Every sum is too large by as much. */
    for (uint32_t k = 1; k < 10; k++) {
        if ((int32_t)sums[k] + biases[k] > (int32_t)sums[best] + biases[best]) {
            best = k;
        }
    }
    return best;
}
