/* What the parts of the extension share. */

#ifndef DDTRACE_NATIVE_H
#define DDTRACE_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

enum span_slot {
    NAME,
    SERVICE,
    RESOURCE,
    SPAN_TYPE,
    TRACE_ID,
    SPAN_ID,
    PARENT_ID,
    START_NS,
    DURATION_NS,
    ERROR,
    SAMPLED,
    META,
    METRICS,
    PARENT,
    TRACE,
    CONTEXT,
    ON_FINISH,
    IGNORED_EXCEPTIONS,
    SPAN_SLOTS
};

enum trace_slot {
    TRACE_META,
    TRACE_METRICS,
    TRACE_CLOCK,
    TRACE_DEACTIVATE,
    TRACE_COLLECT,
    TRACE_GENERATION,
    TRACE_OPEN,
    TRACE_FINISHED,
    TRACE_SLOTS
};

enum tracer_slot {
    ENABLED,
    SETTINGS_SEEN,
    HAS_SPAN_SETTINGS,
    START_HOOKS,
    DEFAULT_SERVICE,
    SERVICE_MAPPING,
    NEW_TRACE_ID,
    NEXT_ID,
    ACTIVATE,
    CLOCK,
    DEACTIVATE,
    COLLECT,
    TRACER_SLOTS
};

/* What one interpreter's module was told by know(); NULL until then. */
typedef struct {
    PyTypeObject *shortcut_type;
    PyTypeObject *span_type;
    PyTypeObject *trace_type;
    PyTypeObject *tracer_type;
    PyObject *config_values, *fork_values; /* dicts with a key "generation" */
    PyObject *active_item; /* the context variable */
    PyObject *special_tags;
    PyObject *top_level_key;
    PyObject *finish_name, *min_spans_name, *generation_name, *apply_settings_name, *open_root_name, *call_hooks_name;
    Py_ssize_t longest_value;
    uint64_t seed[4];
    int is_seeded;
    Py_ssize_t span_offsets[SPAN_SLOTS];
    Py_ssize_t trace_offsets[TRACE_SLOTS];
    Py_ssize_t tracer_offsets[TRACER_SLOTS];
} State;

/* The place of one slot of an object whose exact type was checked; what is there may be NULL. */
#define SLOT(offsets, object, slot) (*(PyObject **)((char *)(object) + (offsets)[slot]))
#define SPAN_SLOT(state, span, slot) SLOT((state)->span_offsets, span, slot)
#define TRACE_SLOT(state, trace, slot) SLOT((state)->trace_offsets, trace, slot)

#define TRACER_SLOT(state, tracer, slot) SLOT((state)->tracer_offsets, tracer, slot)

#define IS_SPAN(state, object) Py_IS_TYPE(object, (state)->span_type)
#define IS_TRACE(state, object) Py_IS_TYPE(object, (state)->trace_type)
#define IS_DICT(object) ((object) != NULL && PyDict_CheckExact(object))
#define IS_LIST(object) ((object) != NULL && PyList_CheckExact(object))

/* A compiled version of a function: it gets what the function is called with by position. Before it has changed
 * anything, it may return GIVE_BACK, which is no reference; then the function does it. */
typedef PyObject *(*Version)(State *state, PyObject *const *args, Py_ssize_t count);

#define GIVE_BACK Py_NotImplemented

Version find_span_version(const char *name);
Version find_encoding_version(const char *name);
Version find_headers_version(const char *name);

typedef struct {
    const char *name;
    Version version;
} NamedVersion;

#define FIND_VERSION(table, wanted)                                                                                    \
    do {                                                                                                               \
        for (size_t i = 0; i < sizeof(table) / sizeof(*(table)); i++) {                                                \
            if (strcmp((table)[i].name, wanted) == 0) {                                                                \
                return (table)[i].version;                                                                             \
            }                                                                                                          \
        }                                                                                                              \
        return NULL;                                                                                                   \
    } while (0)

#endif
