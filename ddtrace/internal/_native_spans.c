/* Make spans and traces, know the current one, tag it and end it.
 *
 * A version reads what it needs and gives back whatever is not of the exact type; only then does it change anything.
 * Whatever may run other code, a clock say, comes with references to all that is needed afterwards.
 */

#include "_native.h"

/* -- beginning ----------------------------------------------------------------------------------------------------- */

/* Trace.__init__; the arguments are those from meta on. */
static PyObject *new_trace(State *state, PyObject *const *args)
{
    PyObject *trace = state->trace_type->tp_alloc(state->trace_type, 0);
    if (trace == NULL) {
        return NULL;
    }
    for (int slot = TRACE_META; slot <= TRACE_GENERATION; slot++) {
        TRACE_SLOT(state, trace, slot) = Py_NewRef(args[slot]);
    }
    TRACE_SLOT(state, trace, TRACE_OPEN) = PyList_New(0);
    TRACE_SLOT(state, trace, TRACE_FINISHED) = PyList_New(0);
    if (TRACE_SLOT(state, trace, TRACE_OPEN) == NULL || TRACE_SLOT(state, trace, TRACE_FINISHED) == NULL) {
        Py_CLEAR(trace);
    }
    return trace;
}

typedef struct {
    PyObject *name, *service, *resource, *span_type, *trace_id, *span_id, *parent_id, *trace, *parent;
} NewSpan;

/* _begin() in span.py; the resource is None or a str, and the trace has a clock. */
static PyObject *new_span(State *state, const NewSpan *given)
{
    PyObject *span = state->span_type->tp_alloc(state->span_type, 0);
    if (span == NULL) {
        return NULL;
    }
    int has_resource = given->resource != Py_None && PyUnicode_GET_LENGTH(given->resource) > 0;
    SPAN_SLOT(state, span, NAME) = Py_NewRef(given->name);
    SPAN_SLOT(state, span, SERVICE) = Py_NewRef(given->service);
    SPAN_SLOT(state, span, RESOURCE) = Py_NewRef(has_resource ? given->resource : given->name);
    SPAN_SLOT(state, span, SPAN_TYPE) = Py_NewRef(given->span_type);
    SPAN_SLOT(state, span, TRACE_ID) = Py_NewRef(given->trace_id);
    SPAN_SLOT(state, span, SPAN_ID) = Py_NewRef(given->span_id);
    SPAN_SLOT(state, span, PARENT_ID) = Py_NewRef(given->parent_id);
    SPAN_SLOT(state, span, TRACE) = Py_NewRef(given->trace);
    SPAN_SLOT(state, span, PARENT) = Py_NewRef(given->parent);
    SPAN_SLOT(state, span, DURATION_NS) = Py_NewRef(Py_None);
    SPAN_SLOT(state, span, SAMPLED) = Py_NewRef(Py_True);
    SPAN_SLOT(state, span, CONTEXT) = Py_NewRef(Py_None);
    SPAN_SLOT(state, span, ON_FINISH) = Py_NewRef(Py_None);
    PyObject *clock = Py_NewRef(TRACE_SLOT(state, given->trace, TRACE_CLOCK));
    /* The time last, after all that takes time. */
    if ((SPAN_SLOT(state, span, ERROR) = PyLong_FromLong(0)) == NULL ||
        (SPAN_SLOT(state, span, IGNORED_EXCEPTIONS) = PyTuple_New(0)) == NULL ||
        (SPAN_SLOT(state, span, META) = PyDict_New()) == NULL ||
        (SPAN_SLOT(state, span, METRICS) = PyDict_New()) == NULL ||
        (SPAN_SLOT(state, span, START_NS) = PyObject_CallNoArgs(clock)) == NULL) {
        Py_CLEAR(span);
    }
    Py_DECREF(clock);
    return span;
}

static int is_text_or_none(PyObject *value)
{
    return value == Py_None || PyUnicode_CheckExact(value);
}

/* root_span */
static PyObject *root_span(State *state, PyObject *const *args, Py_ssize_t count)
{
    if (count != 13 || state->span_type == NULL || state->trace_type == NULL || !is_text_or_none(args[2])) {
        return GIVE_BACK;
    }
    PyObject *trace = new_trace(state, args + 7);
    if (trace == NULL) {
        return NULL;
    }
    NewSpan given = {args[0], args[1], args[2], args[3], args[4], args[5], args[6], trace, Py_None};
    PyObject *span = new_span(state, &given);
    Py_DECREF(trace);
    return span;
}

/* child_span */
static PyObject *child_span(State *state, PyObject *const *args, Py_ssize_t count)
{
    if (count != 6 || !IS_SPAN(state, args[0]) || !is_text_or_none(args[3])) {
        return GIVE_BACK;
    }
    PyObject *parent = args[0], *trace = SPAN_SLOT(state, parent, TRACE);
    PyObject *trace_id = SPAN_SLOT(state, parent, TRACE_ID), *parent_id = SPAN_SLOT(state, parent, SPAN_ID);
    if (trace == NULL || !IS_TRACE(state, trace) || TRACE_SLOT(state, trace, TRACE_CLOCK) == NULL ||
        trace_id == NULL || parent_id == NULL) {
        return GIVE_BACK;
    }
    NewSpan given = {args[1], args[2], args[3], args[4], trace_id, args[5], parent_id, trace, parent};
    return new_span(state, &given);
}

/* What of a tracer and a parent is to be known before anything changes. */
typedef struct {
    PyObject *slots[TRACER_SLOTS];
    PyObject *generation;
    PyObject *service;
    int is_root;
} Beginning;

/* The number of forks or of changes of settings, borrowed. */
static PyObject *generation_in(State *state, PyObject *values)
{
    return values == NULL ? NULL : PyDict_GetItemWithError(values, state->generation_name);
}

/* Whether a span that is begun by this tracer, below this parent, is an ordinary one. */
static int is_usual_beginning(State *state, PyObject *const *args, Beginning *from)
{
    PyObject *tracer = args[0], *parent = args[2], *service = args[3];
    for (int slot = 0; slot < TRACER_SLOTS; slot++) {
        if ((from->slots[slot] = TRACER_SLOT(state, tracer, slot)) == NULL) {
            return 0;
        }
    }
    PyObject *const *slots = from->slots;
    from->generation = generation_in(state, state->fork_values);
    from->is_root = parent == Py_None;
    if (from->generation == NULL || generation_in(state, state->config_values) != slots[SETTINGS_SEEN] ||
        !IS_DICT(slots[SERVICE_MAPPING]) || PyDict_GET_SIZE(slots[SERVICE_MAPPING]) > 0 ||
        !PyBool_Check(slots[ENABLED]) || !PyBool_Check(slots[HAS_SPAN_SETTINGS]) || !IS_LIST(slots[START_HOOKS]) ||
        !is_text_or_none(args[4]) || !PyBool_Check(args[6])) {
        return 0;
    }
    PyObject *default_service = slots[DEFAULT_SERVICE];
    if (!from->is_root) {
        PyObject *trace = IS_SPAN(state, parent) ? SPAN_SLOT(state, parent, TRACE) : NULL;
        /* Another trace may be of another tracer or process, or was begun while the tracer was disabled. */
        if (trace == NULL || !IS_TRACE(state, trace) || TRACE_SLOT(state, trace, TRACE_COLLECT) != slots[COLLECT] ||
            !IS_LIST(TRACE_SLOT(state, trace, TRACE_OPEN)) || TRACE_SLOT(state, trace, TRACE_CLOCK) == NULL ||
            SPAN_SLOT(state, parent, TRACE_ID) == NULL || SPAN_SLOT(state, parent, SPAN_ID) == NULL) {
            return 0;
        }
        PyObject *sampled = SPAN_SLOT(state, parent, SAMPLED), *above = SPAN_SLOT(state, parent, SERVICE);
        if (sampled == NULL || !PyBool_Check(sampled) || above == NULL || !is_text_or_none(above)) {
            return 0;
        }
        if (above != Py_None && PyUnicode_GET_LENGTH(above) > 0) {
            default_service = above;
        }
    }
    from->service = service == Py_None ? default_service : service;
    return 1;
}

static PyObject *new_root(State *state, PyObject *const *args, const Beginning *from)
{
    PyObject *const *slots = from->slots;
    PyObject *span = NULL, *span_id = NULL, *meta = PyDict_New(), *metrics = PyDict_New();
    PyObject *trace_id = meta == NULL || metrics == NULL ? NULL : PyObject_CallNoArgs(slots[NEW_TRACE_ID]);
    if (trace_id != NULL && (span_id = PyObject_CallNoArgs(slots[NEXT_ID])) != NULL) {
        PyObject *collect = slots[ENABLED] == Py_True ? slots[COLLECT] : Py_None;
        PyObject *parts[] = {meta, metrics, slots[CLOCK], slots[DEACTIVATE], collect, from->generation};
        PyObject *trace = new_trace(state, parts);
        if (trace != NULL) {
            NewSpan given = {args[1], from->service, args[4], args[5], trace_id, span_id, Py_None, trace, Py_None};
            span = new_span(state, &given);
            Py_DECREF(trace);
        }
    }
    Py_XDECREF(span_id);
    Py_XDECREF(trace_id);
    Py_XDECREF(metrics);
    Py_XDECREF(meta);
    return span;
}

static PyObject *new_child(State *state, PyObject *const *args, const Beginning *from)
{
    PyObject *parent = args[2];
    PyObject *trace = Py_NewRef(SPAN_SLOT(state, parent, TRACE));
    PyObject *trace_id = Py_NewRef(SPAN_SLOT(state, parent, TRACE_ID));
    PyObject *parent_id = Py_NewRef(SPAN_SLOT(state, parent, SPAN_ID));
    PyObject *span = NULL, *span_id = PyObject_CallNoArgs(from->slots[NEXT_ID]);
    if (span_id != NULL) {
        NewSpan given = {args[1], from->service, args[4], args[5], trace_id, span_id, parent_id, trace, parent};
        span = new_span(state, &given);
        Py_DECREF(span_id);
    }
    Py_DECREF(parent_id);
    Py_DECREF(trace_id);
    Py_DECREF(trace);
    return span;
}

/* Call a method with two or three objects, self among them; 0, or -1 with an exception. */
static int call_method(PyObject *name, PyObject *self, PyObject *span, PyObject *trace)
{
    PyObject *args[] = {self, span, trace};
    PyObject *result = PyObject_VectorcallMethod(name, args, trace == NULL ? 2 : 3, NULL);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* Count an open span, and do what is done to every span that will be sent. */
static int admit(State *state, PyObject *const *args, const Beginning *from, PyObject *span, PyObject *trace)
{
    PyObject *tracer = args[0], *parent = args[2], *open = TRACE_SLOT(state, trace, TRACE_OPEN);
    if (!IS_LIST(open)) {
        PyErr_SetString(PyExc_TypeError, "the open spans of a trace are no list");
        return -1;
    }
    if (PyList_Append(open, Py_None) < 0) {
        return -1;
    }
    if (from->slots[HAS_SPAN_SETTINGS] == Py_True && call_method(state->apply_settings_name, tracer, span, NULL) < 0) {
        return -1;
    }
    if (from->is_root) {
        if (call_method(state->open_root_name, tracer, span, trace) < 0) {
            return -1;
        }
    } else if (SPAN_SLOT(state, parent, SAMPLED) == Py_False) {
        Py_XSETREF(SPAN_SLOT(state, span, SAMPLED), Py_NewRef(Py_False));
    }
    if (PyList_GET_SIZE(from->slots[START_HOOKS]) > 0) {
        return call_method(state->call_hooks_name, tracer, span, NULL);
    }
    return 0;
}

/* Tracer._start */
static PyObject *start(State *state, PyObject *const *args, Py_ssize_t count)
{
    Beginning from;
    if (count != 7 || state->tracer_type == NULL || state->span_type == NULL || state->trace_type == NULL ||
        !PyObject_TypeCheck(args[0], state->tracer_type) || !is_usual_beginning(state, args, &from)) {
        return GIVE_BACK;
    }
    /* From here on other code runs: ids, clocks and hooks may be anybody's. */
    for (int slot = 0; slot < TRACER_SLOTS; slot++) {
        Py_INCREF(from.slots[slot]);
    }
    Py_INCREF(from.generation);
    Py_INCREF(from.service);
    PyObject *span = from.is_root ? new_root(state, args, &from) : new_child(state, args, &from);
    int failed = span == NULL;
    if (!failed) {
        PyObject *trace = Py_NewRef(SPAN_SLOT(state, span, TRACE));
        if (args[6] == Py_True) {
            PyObject *result = PyObject_CallOneArg(from.slots[ACTIVATE], span);
            Py_XDECREF(result);
            failed = result == NULL;
        }
        if (!failed && TRACE_SLOT(state, trace, TRACE_COLLECT) == from.slots[COLLECT]) {
            failed = admit(state, args, &from, span, trace) < 0;
        }
        Py_DECREF(trace);
    }
    Py_DECREF(from.service);
    Py_DECREF(from.generation);
    for (int slot = 0; slot < TRACER_SLOTS; slot++) {
        Py_DECREF(from.slots[slot]);
    }
    if (failed) {
        Py_CLEAR(span);
    }
    return span;
}

/* -- the current one ----------------------------------------------------------------------------------------------- */

/* Make an item the current one; 0, or -1 with an exception. */
static int activate(State *state, PyObject *item)
{
    PyObject *token = PyContextVar_Set(state->active_item, item);
    Py_XDECREF(token);
    return token == NULL ? -1 : 0;
}

/* DefaultContextProvider.active */
static PyObject *active(State *state, PyObject *const *Py_UNUSED(args), Py_ssize_t count)
{
    PyObject *item;
    if (count != 1 || state->active_item == NULL) {
        return GIVE_BACK;
    }
    if (PyContextVar_Get(state->active_item, Py_None, &item) < 0) {
        return NULL;
    }
    if (IS_SPAN(state, item) && SPAN_SLOT(state, item, DURATION_NS) != Py_None) {
        Py_DECREF(item);
        return GIVE_BACK;
    }
    return item;
}

/* DefaultContextProvider.deactivate */
static PyObject *deactivate(State *state, PyObject *const *args, Py_ssize_t count)
{
    PyObject *item;
    if (count != 2 || state->active_item == NULL || !IS_SPAN(state, args[1])) {
        return GIVE_BACK;
    }
    PyObject *parent = SPAN_SLOT(state, args[1], PARENT);
    if (parent == NULL) {
        return GIVE_BACK;
    }
    if (PyContextVar_Get(state->active_item, Py_None, &item) < 0) {
        return NULL;
    }
    int is_current = item == args[1];
    Py_DECREF(item);
    if (is_current) {
        Py_INCREF(parent);
        int failed = activate(state, parent);
        Py_DECREF(parent);
        if (failed < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

/* -- tags ---------------------------------------------------------------------------------------------------------- */

/* Span.set_tag */
static PyObject *set_tag(State *state, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3 || state->special_tags == NULL || !IS_SPAN(state, args[0]) || !PyUnicode_CheckExact(args[1]) ||
        !PyUnicode_CheckExact(args[2])) {
        return GIVE_BACK;
    }
    PyObject *meta = SPAN_SLOT(state, args[0], META), *metrics = SPAN_SLOT(state, args[0], METRICS);
    if (!IS_DICT(meta) || !IS_DICT(metrics)) {
        return GIVE_BACK;
    }
    int is_special = PyDict_Contains(state->special_tags, args[1]);
    if (is_special != 0) {
        return is_special < 0 ? NULL : GIVE_BACK;
    }
    /* What is replaced may run code as it goes. */
    Py_INCREF(meta);
    Py_INCREF(metrics);
    int failed = PyDict_SetItem(meta, args[1], args[2]);
    if (failed == 0 && PyDict_GET_SIZE(metrics) > 0) {
        int is_there = PyDict_Contains(metrics, args[1]);
        failed = is_there > 0 ? PyDict_DelItem(metrics, args[1]) : is_there;
    }
    Py_DECREF(metrics);
    Py_DECREF(meta);
    if (failed < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* -- the end ------------------------------------------------------------------------------------------------------- */

/* Span.__enter__ */
static PyObject *enter(State *Py_UNUSED(state), PyObject *const *args, Py_ssize_t count)
{
    return count == 1 ? Py_NewRef(args[0]) : GIVE_BACK;
}

/* Span.__exit__ */
static PyObject *leave(State *state, PyObject *const *args, Py_ssize_t count)
{
    if (count != 4 || args[1] != Py_None) {
        return GIVE_BACK;
    }
    /* Looked up: a subclass or a test may have another. */
    PyObject *result = PyObject_VectorcallMethod(state->finish_name, args, 1, NULL);
    if (result == NULL) {
        return NULL;
    }
    Py_DECREF(result);
    Py_RETURN_NONE;
}

/* How long a span took, which is not less than nothing. */
static PyObject *duration_between(PyObject *start_ns, PyObject *end_ns)
{
    PyObject *duration = PyNumber_Subtract(end_ns, start_ns);
    PyObject *zero = PyLong_FromLong(0);
    int is_positive = duration == NULL || zero == NULL ? -1 : PyObject_RichCompareBool(duration, zero, Py_GT);
    if (is_positive <= 0) {
        Py_XDECREF(duration);
        duration = is_positive == 0 ? Py_XNewRef(zero) : NULL;
    }
    Py_XDECREF(zero);
    return duration;
}

static int call_unless_none(PyObject *function, PyObject *span)
{
    if (function == Py_None) {
        return 0;
    }
    PyObject *result = PyObject_CallOneArg(function, span);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* Span.finish */
static PyObject *finish(State *state, PyObject *const *args, Py_ssize_t count)
{
    if (count != 1 || !IS_SPAN(state, args[0])) {
        return GIVE_BACK;
    }
    PyObject *span = args[0], *trace = SPAN_SLOT(state, span, TRACE), *start_ns = SPAN_SLOT(state, span, START_NS);
    PyObject *duration_ns = SPAN_SLOT(state, span, DURATION_NS);
    if (duration_ns != Py_None) {
        return duration_ns == NULL ? GIVE_BACK : Py_NewRef(Py_None);
    }
    if (trace == NULL || !IS_TRACE(state, trace) || start_ns == NULL || SPAN_SLOT(state, span, ON_FINISH) != Py_None) {
        return GIVE_BACK;
    }
    PyObject *clock = TRACE_SLOT(state, trace, TRACE_CLOCK), *hand_over = TRACE_SLOT(state, trace, TRACE_DEACTIVATE);
    PyObject *collect = TRACE_SLOT(state, trace, TRACE_COLLECT);
    if (clock == NULL || hand_over == NULL || collect == NULL) {
        return GIVE_BACK;
    }
    Py_INCREF(clock);
    Py_INCREF(hand_over);
    Py_INCREF(collect);
    Py_INCREF(start_ns);
    PyObject *end_ns = PyObject_CallNoArgs(clock);
    PyObject *duration = end_ns == NULL ? NULL : duration_between(start_ns, end_ns);
    int failed = duration == NULL ? -1 : 0;
    if (duration != NULL) {
        PyObject *before = SPAN_SLOT(state, span, DURATION_NS);
        SPAN_SLOT(state, span, DURATION_NS) = duration;
        Py_XDECREF(before);
        failed = call_unless_none(hand_over, span) < 0 || call_unless_none(collect, span) < 0 ? -1 : 0;
    }
    Py_XDECREF(end_ns);
    Py_DECREF(start_ns);
    Py_DECREF(collect);
    Py_DECREF(hand_over);
    Py_DECREF(clock);
    if (failed < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* 1 where a span is the first of its service in its trace, 0 where it is not; -1 where that takes more to know. */
static int is_top_level(State *state, PyObject *span)
{
    PyObject *parent = SPAN_SLOT(state, span, PARENT), *service = SPAN_SLOT(state, span, SERVICE);
    if (parent == Py_None) {
        return 1;
    }
    if (parent == NULL || !IS_SPAN(state, parent) || service == NULL) {
        return -1;
    }
    PyObject *above = SPAN_SLOT(state, parent, SERVICE);
    if (above == service) {
        return 0;
    }
    if (above == NULL || !PyUnicode_CheckExact(above) || !PyUnicode_CheckExact(service)) {
        return -1;
    }
    return PyUnicode_Compare(above, service) != 0;
}

static int set_one(PyObject *metrics, PyObject *key)
{
    PyObject *one = PyLong_FromLong(1);
    Py_INCREF(metrics);
    int failed = one == NULL ? -1 : PyDict_SetItem(metrics, key, one);
    Py_DECREF(metrics);
    Py_XDECREF(one);
    return failed;
}

/* Aggregator.finish, but for the last span of a trace or of a part of it */
static PyObject *collect(State *state, PyObject *const *args, Py_ssize_t count)
{
    if (count != 2 || state->top_level_key == NULL || !IS_SPAN(state, args[1])) {
        return GIVE_BACK;
    }
    PyObject *span = args[1], *trace = SPAN_SLOT(state, span, TRACE), *metrics = SPAN_SLOT(state, span, METRICS);
    int is_first = is_top_level(state, span);
    if (is_first < 0 || trace == NULL || !IS_TRACE(state, trace) || !IS_DICT(metrics)) {
        return GIVE_BACK;
    }
    PyObject *min_spans = PyObject_GetAttr(args[0], state->min_spans_name);
    if (min_spans == NULL) {
        return NULL;
    }
    int overflow;
    int has_no_parts = min_spans == Py_None;
    long part = PyLong_CheckExact(min_spans) ? PyLong_AsLongAndOverflow(min_spans, &overflow) : 0;
    Py_DECREF(min_spans);
    PyObject *finished = TRACE_SLOT(state, trace, TRACE_FINISHED), *open = TRACE_SLOT(state, trace, TRACE_OPEN);
    if (!IS_LIST(finished) || !IS_LIST(open) || PyList_GET_SIZE(open) < 2 ||
        (!has_no_parts && PyList_GET_SIZE(finished) + 1 >= part)) {
        return GIVE_BACK;
    }
    Py_ssize_t last = PyList_GET_SIZE(open) - 1;
    if (PyList_Append(finished, span) < 0 || PyList_SetSlice(open, last, last + 1, NULL) < 0 ||
        (is_first && set_one(metrics, state->top_level_key) < 0)) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* -- ids ----------------------------------------------------------------------------------------------------------- */

static uint64_t rotated(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

/* RandomIds.next_id: xoshiro256++ of Blackman and Vigna, 2019 */
static PyObject *next_id(State *state, PyObject *const *Py_UNUSED(args), Py_ssize_t count)
{
    if (count != 0 || !state->is_seeded) {
        return GIVE_BACK;
    }
    uint64_t *seed = state->seed;
    uint64_t drawn = rotated(seed[0] + seed[3], 23) + seed[0];
    uint64_t shifted = seed[1] << 17;
    seed[2] ^= seed[0];
    seed[3] ^= seed[1];
    seed[1] ^= seed[2];
    seed[0] ^= seed[3];
    seed[2] ^= shifted;
    seed[3] = rotated(seed[3], 45);
    return PyLong_FromUnsignedLongLong(drawn);
}

Version find_span_version(const char *name)
{
    static const NamedVersion versions[] = {
        {"RandomIds.next_id", next_id},
        {"Tracer._start", start},
        {"root_span", root_span},
        {"child_span", child_span},
        {"DefaultContextProvider.active", active},
        {"DefaultContextProvider.deactivate", deactivate},
        {"Span.set_tag", set_tag},
        {"Span.__enter__", enter},
        {"Span.__exit__", leave},
        {"Span.finish", finish},
        {"Aggregator.finish", collect},
    };
    FIND_VERSION(versions, name);
}
