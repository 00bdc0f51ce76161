/* SPDX-License-Identifier: EUPL-1.2 */
/* Plays the inputs of a corpus through one fuzz target, without a fuzzer: PROGRAM FOLDER. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>

enum { INPUT_MAX = 1 << 20 };

static int select_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void play(const char *folder, const char *name)
{
    char path[PATH_MAX];
    uint8_t *bytes = malloc(INPUT_MAX);
    REQUIRE(bytes != NULL);
    REQUIRE(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    printf("%s\n", path); /* the last one that is named is the one that broke it */
    (void)fflush(stdout);
    FILE *file = fopen(path, "rb");
    REQUIRE(file != NULL);
    size_t size = fread(bytes, 1, INPUT_MAX, file);
    REQUIRE(ferror(file) == 0);
    (void)fclose(file);
    uint8_t *input = fuzz_copy(bytes, size);
    free(bytes);
    REQUIRE(LLVMFuzzerTestOneInput(input, size) == 0);
    free(input);
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int count = argc == 2 ? scandir(argv[1], &entries, select_input, alphasort) : -1;
    if (count <= 0) {
        (void)fprintf(stderr, "usage: %s FOLDER (with inputs in it)\n", argv[0]);
        return EXIT_FAILURE;
    }
    for (int i = 0; i < count; i++) {
        play(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("%d inputs passed\n", count);
    return EXIT_SUCCESS;
}
