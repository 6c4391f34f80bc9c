/* Reads things. */
#include <stdio.h>
#include "reader.h"

#define LIMIT 10
#define MAX(a, b) ((a) > (b) ? (a) : (b))

typedef unsigned int word_t;

/* A node. */
typedef struct node {
    struct node *next;
    word_t value, other;
    int (*compare)(const void *, const void *);
} node_t;

struct reader {
    FILE *file;
    char buffer[LIMIT];
};

union number { int i; float f; };

enum color { RED, GREEN = 2 };

static int count = 0;
extern const char *names[];
node_t *head, *tail = NULL;

int reader_open(struct reader *reader, const char *path);

// Opens one.
int
reader_open(struct reader *reader, const char *path)
{
    node_t *node = malloc(sizeof(struct node));
    int i;
    for (i = 0; i < LIMIT; i++) {
        reader->file = fopen(path, "r");
        node->next->compare(&count, MAX(i, tail->value));
    }
    return reader_check(reader) ? RED : helper_default;
}

static inline word_t *helper(word_t (*callback)(int)) { return (word_t *)callback(1); }
