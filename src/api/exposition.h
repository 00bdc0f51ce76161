/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writes the Prometheus text format, version 0.0.4. Pure. A family is opened once, and its samples
 * follow it. Source: prometheus.io/docs/instrumenting/exposition_formats.
 */
#ifndef CC_API_EXPOSITION_H
#define CC_API_EXPOSITION_H

#include "base/buf.h"

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct exposition_label {
    const char *name, *value;
};

/* The labels of one sample: {"modem", name}, {"state", token}. */
#define EXPOSITION_LABELS(...) ((const struct exposition_label[]){__VA_ARGS__, {NULL, NULL}})

/* type: "counter", "gauge" or "histogram". */
void exposition_open(struct buf *out, const char *name, const char *type, const char *help);
/* labels: NULL = none. Values of labels may be any text: they are escaped. */
void exposition_put(struct buf *out, const char *name, const struct exposition_label *labels,
                    int64_t value);
/* A value in thousandths: milliseconds as seconds, millivolts as volts. */
void exposition_put_milli(struct buf *out, const char *name, const struct exposition_label *labels,
                          int64_t thousandths);

#endif
