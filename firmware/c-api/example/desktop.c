/* A desktop. */
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"

void print(const char *text)
{
    fputs(text, stderr);
}

void leave(uint32_t code)
{
    exit((int)code);
}

int main(void)
{
    run();
    return 0;
}
