/* Spans to msgpack, byte for byte what ddtrace/internal/encoding.py and msgspec make of them.
 *
 * Only plain values are encoded: exact str, int and float, which have no code of their own to run. So nothing can change
 * what is being read, but where a string table is asked for a new place. Who meets anything else, returns GIVE_UP.
 */

#include "_native.h"

enum { DONE = 0, GIVE_UP = -1 };

/* Enough for one number or the head of one text, map or array. */
#define LONGEST_HEAD 9

typedef struct {
    unsigned char *start, *at, *end;
    Py_ssize_t longest_value;
} Buffer;

static int reserve(Buffer *buffer, Py_ssize_t wanted)
{
    if (buffer->end - buffer->at >= wanted) {
        return DONE;
    }
    size_t used = (size_t)(buffer->at - buffer->start);
    size_t needed = used + (size_t)wanted;
    size_t capacity = 2 * (size_t)(buffer->end - buffer->start);
    if (capacity < needed) {
        capacity = needed;
    }
    if (capacity < 4096) {
        capacity = 4096;
    }
    unsigned char *start = PyMem_Realloc(buffer->start, capacity);
    if (start == NULL) {
        return GIVE_UP;
    }
    buffer->start = start;
    buffer->at = start + used;
    buffer->end = start + capacity;
    return DONE;
}

/* -- what fits into LONGEST_HEAD bytes that the caller has reserved ------------------------------------------------ */

static inline void put_big_endian(Buffer *buffer, unsigned char kind, unsigned long long value, int bytes)
{
    *buffer->at++ = kind;
    for (int shift = 8 * bytes - 8; shift >= 0; shift -= 8) {
        *buffer->at++ = (unsigned char)(value >> shift);
    }
}

static void put_unsigned(Buffer *buffer, unsigned long long value)
{
    if (value < 0x80) {
        *buffer->at++ = (unsigned char)value;
    } else if (value <= 0xff) {
        put_big_endian(buffer, 0xcc, value, 1);
    } else if (value <= 0xffff) {
        put_big_endian(buffer, 0xcd, value, 2);
    } else if (value <= 0xffffffff) {
        put_big_endian(buffer, 0xce, value, 4);
    } else {
        put_big_endian(buffer, 0xcf, value, 8);
    }
}

static void put_signed(Buffer *buffer, long long value)
{
    unsigned long long bits = (unsigned long long)value;
    if (value >= 0) {
        put_unsigned(buffer, bits);
    } else if (value >= -0x20) {
        *buffer->at++ = (unsigned char)bits;
    } else if (value >= -0x80) {
        put_big_endian(buffer, 0xd0, bits, 1);
    } else if (value >= -0x8000) {
        put_big_endian(buffer, 0xd1, bits, 2);
    } else if (value >= -0x80000000LL) {
        put_big_endian(buffer, 0xd2, bits, 4);
    } else {
        put_big_endian(buffer, 0xd3, bits, 8);
    }
}

/* The head of a map or an array: `few` holds a count below 16, `kind` is followed by two bytes, the kind after by four. */
static int put_count(Buffer *buffer, Py_ssize_t count, unsigned char few, unsigned char kind)
{
    if (count < 16) {
        *buffer->at++ = (unsigned char)(few | count);
    } else if (count <= 0xffff) {
        put_big_endian(buffer, kind, (unsigned long long)count, 2);
    } else if (count <= 0xffffffffLL) {
        put_big_endian(buffer, kind + 1, (unsigned long long)count, 4);
    } else {
        return GIVE_UP;
    }
    return DONE;
}

#define put_map(buffer, count) put_count(buffer, count, 0x80, 0xde)
#define put_array(buffer, count) put_count(buffer, count, 0x90, 0xdc)

/* -- whole values, which reserve what they need -------------------------------------------------------------------- */

static int put_int(Buffer *buffer, PyObject *value)
{
    if (value == NULL || !PyLong_CheckExact(value) || reserve(buffer, LONGEST_HEAD) < 0) {
        return GIVE_UP;
    }
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow < 0 || (number == -1 && PyErr_Occurred())) {
        return GIVE_UP;
    }
    if (overflow == 0) {
        put_signed(buffer, number);
        return DONE;
    }
    unsigned long long large = PyLong_AsUnsignedLongLong(value);
    if (large == (unsigned long long)-1 && PyErr_Occurred()) {
        return GIVE_UP;
    }
    put_unsigned(buffer, large);
    return DONE;
}

static int put_int_or_zero(Buffer *buffer, PyObject *value)
{
    if (value != Py_None) {
        return put_int(buffer, value);
    }
    if (reserve(buffer, 1) < 0) {
        return GIVE_UP;
    }
    *buffer->at++ = 0;
    return DONE;
}

static int put_low_64_bits(Buffer *buffer, PyObject *value)
{
    if (value == NULL || !PyLong_CheckExact(value) || reserve(buffer, LONGEST_HEAD) < 0) {
        return GIVE_UP;
    }
    unsigned long long number = PyLong_AsUnsignedLongLongMask(value);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) {
        return GIVE_UP;
    }
    put_unsigned(buffer, number);
    return DONE;
}

static int put_number(Buffer *buffer, PyObject *value)
{
    if (value == NULL || !PyFloat_CheckExact(value)) {
        return put_int(buffer, value);
    }
    if (reserve(buffer, LONGEST_HEAD) < 0) {
        return GIVE_UP;
    }
    double number = PyFloat_AS_DOUBLE(value);
    unsigned long long bits;
    memcpy(&bits, &number, sizeof bits);
    put_big_endian(buffer, 0xcb, bits, 8);
    return DONE;
}

static int put_text(Buffer *buffer, PyObject *text)
{
    if (text == NULL || !PyUnicode_CheckExact(text)) {
        return GIVE_UP;
    }
    Py_ssize_t size;
    const char *bytes;
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        bytes = (const char *)PyUnicode_DATA(text);
        size = PyUnicode_GET_LENGTH(text);
    } else {
        bytes = PyUnicode_AsUTF8AndSize(text, &size);
    }
    /* Lone surrogates have no bytes; what is long may have to be cut. */
    if (bytes == NULL || size > buffer->longest_value || reserve(buffer, LONGEST_HEAD + size) < 0) {
        return GIVE_UP;
    }
    if (size < 32) {
        *buffer->at++ = (unsigned char)(0xa0 | size);
    } else if (size <= 0xff) {
        put_big_endian(buffer, 0xd9, (unsigned long long)size, 1);
    } else if (size <= 0xffff) {
        put_big_endian(buffer, 0xda, (unsigned long long)size, 2);
    } else {
        put_big_endian(buffer, 0xdb, (unsigned long long)size, 4);
    }
    memcpy(buffer->at, bytes, (size_t)size);
    buffer->at += size;
    return DONE;
}

/* 1 or 0, as bool() says; GIVE_UP where that might run code. */
static int is_error(PyObject *value)
{
    return value != NULL && (PyLong_CheckExact(value) || PyBool_Check(value)) ? PyObject_IsTrue(value) : GIVE_UP;
}

/* -- v0.4: a map a span -------------------------------------------------------------------------------------------- */

/* A text that is known here, with its head. */
#define PUT_KEY(buffer, key)                                                                                           \
    do {                                                                                                               \
        *(buffer)->at++ = 0xa0 | (sizeof(key) - 1);                                                                    \
        memcpy((buffer)->at, key, sizeof(key) - 1);                                                                    \
        (buffer)->at += sizeof(key) - 1;                                                                               \
    } while (0)

/* Such keys have at most ten bytes. */
#define BEGIN_FIELD(buffer, key)                                                                                       \
    do {                                                                                                               \
        if (reserve(buffer, 32) < 0) {                                                                                 \
            return GIVE_UP;                                                                                            \
        }                                                                                                              \
        PUT_KEY(buffer, key);                                                                                          \
    } while (0)

static int put_tags(Buffer *buffer, PyObject *tags, int are_numbers)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;
    if (put_map(buffer, PyDict_GET_SIZE(tags)) < 0) {
        return GIVE_UP;
    }
    while (PyDict_Next(tags, &position, &key, &value)) {
        if (put_text(buffer, key) < 0 ||
            (are_numbers ? put_number(buffer, value) : put_text(buffer, value)) < 0) {
            return GIVE_UP;
        }
    }
    return DONE;
}

static int put_span(State *state, Buffer *buffer, PyObject *span)
{
    if (!IS_SPAN(state, span)) {
        return GIVE_UP;
    }
    PyObject *service = SPAN_SLOT(state, span, SERVICE), *span_type = SPAN_SLOT(state, span, SPAN_TYPE);
    PyObject *parent_id = SPAN_SLOT(state, span, PARENT_ID);
    PyObject *meta = SPAN_SLOT(state, span, META), *metrics = SPAN_SLOT(state, span, METRICS);
    int error = is_error(SPAN_SLOT(state, span, ERROR));
    if (error < 0 || meta == NULL || !PyDict_CheckExact(meta) || metrics == NULL || !PyDict_CheckExact(metrics)) {
        return GIVE_UP;
    }
    int has_meta = PyDict_GET_SIZE(meta) > 0, has_metrics = PyDict_GET_SIZE(metrics) > 0;
    int fields = 7 + (parent_id != Py_None) + error + (span_type != Py_None) + has_meta + has_metrics;
    if (reserve(buffer, 32) < 0) {
        return GIVE_UP;
    }
    *buffer->at++ = (unsigned char)(0x80 | fields);
    PUT_KEY(buffer, "trace_id");
    if (put_low_64_bits(buffer, SPAN_SLOT(state, span, TRACE_ID)) < 0) {
        return GIVE_UP;
    }
    BEGIN_FIELD(buffer, "span_id");
    if (put_int(buffer, SPAN_SLOT(state, span, SPAN_ID)) < 0) {
        return GIVE_UP;
    }
    BEGIN_FIELD(buffer, "service");
    if (service == Py_None) {
        *buffer->at++ = 0xc0;
    } else if (put_text(buffer, service) < 0) {
        return GIVE_UP;
    }
    BEGIN_FIELD(buffer, "resource");
    if (put_text(buffer, SPAN_SLOT(state, span, RESOURCE)) < 0) {
        return GIVE_UP;
    }
    BEGIN_FIELD(buffer, "name");
    if (put_text(buffer, SPAN_SLOT(state, span, NAME)) < 0) {
        return GIVE_UP;
    }
    BEGIN_FIELD(buffer, "start");
    if (put_int(buffer, SPAN_SLOT(state, span, START_NS)) < 0) {
        return GIVE_UP;
    }
    BEGIN_FIELD(buffer, "duration");
    if (put_int_or_zero(buffer, SPAN_SLOT(state, span, DURATION_NS)) < 0) {
        return GIVE_UP;
    }
    if (parent_id != Py_None) {
        BEGIN_FIELD(buffer, "parent_id");
        if (put_int(buffer, parent_id) < 0) {
            return GIVE_UP;
        }
    }
    if (error) {
        BEGIN_FIELD(buffer, "error");
        *buffer->at++ = 1;
    }
    if (span_type != Py_None) {
        BEGIN_FIELD(buffer, "type");
        if (put_text(buffer, span_type) < 0) {
            return GIVE_UP;
        }
    }
    if (has_meta) {
        BEGIN_FIELD(buffer, "meta");
        if (put_tags(buffer, meta, 0) < 0) {
            return GIVE_UP;
        }
    }
    if (has_metrics) {
        BEGIN_FIELD(buffer, "metrics");
        if (put_tags(buffer, metrics, 1) < 0) {
            return GIVE_UP;
        }
    }
    return DONE;
}

/* -- v0.5: a row a span, with places in a table of strings --------------------------------------------------------- */

/* An int of the dictionary, or what its __missing__ makes of the text, which may run any code: the caller has a
 * reference to each object it will need. */
static int put_place(Buffer *buffer, PyObject *strings, PyObject *text)
{
    if (text == NULL || !PyUnicode_CheckExact(text) || PyUnicode_GET_LENGTH(text) > buffer->longest_value) {
        return GIVE_UP;
    }
    PyObject *place = Py_XNewRef(PyDict_GetItemWithError(strings, text));
    if (place == NULL) {
        if (PyErr_Occurred() || (place = PyObject_GetItem(strings, text)) == NULL) {
            return GIVE_UP;
        }
    }
    int failed = put_int(buffer, place);
    Py_DECREF(place);
    return failed;
}

static int put_place_or_first(Buffer *buffer, PyObject *strings, PyObject *text)
{
    if (text != Py_None) {
        return put_place(buffer, strings, text);
    }
    if (reserve(buffer, 1) < 0) {
        return GIVE_UP;
    }
    *buffer->at++ = 0;
    return DONE;
}

static int put_tag_places(Buffer *buffer, PyObject *strings, PyObject *tags, int are_numbers)
{
    PyObject *key, *value;
    Py_ssize_t position = 0, size = PyDict_GET_SIZE(tags), left = size;
    if (reserve(buffer, LONGEST_HEAD) < 0 || put_map(buffer, size) < 0) {
        return GIVE_UP;
    }
    while (PyDict_Next(tags, &position, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        int failed =
            put_place(buffer, strings, key) < 0 ||
            (are_numbers ? put_number(buffer, value) : put_place(buffer, strings, value)) < 0;
        Py_DECREF(key);
        Py_DECREF(value);
        /* Another thread may have had its turn. */
        if (failed || PyDict_GET_SIZE(tags) != size) {
            return GIVE_UP;
        }
        left--;
    }
    return left == 0 ? DONE : GIVE_UP;
}

static int put_row_of(Buffer *buffer, PyObject *strings, PyObject *const *slots)
{
    int error = is_error(slots[ERROR]);
    if (error < 0 || !PyDict_CheckExact(slots[META]) || !PyDict_CheckExact(slots[METRICS]) || reserve(buffer, 1) < 0) {
        return GIVE_UP;
    }
    *buffer->at++ = 0x9c;
    if (put_place_or_first(buffer, strings, slots[SERVICE]) < 0 ||
        put_place(buffer, strings, slots[NAME]) < 0 ||
        put_place(buffer, strings, slots[RESOURCE]) < 0 ||
        put_low_64_bits(buffer, slots[TRACE_ID]) < 0 ||
        put_int(buffer, slots[SPAN_ID]) < 0 ||
        put_int_or_zero(buffer, slots[PARENT_ID]) < 0 ||
        put_int(buffer, slots[START_NS]) < 0 ||
        put_int_or_zero(buffer, slots[DURATION_NS]) < 0 ||
        reserve(buffer, 1) < 0) {
        return GIVE_UP;
    }
    *buffer->at++ = (unsigned char)error;
    if (put_tag_places(buffer, strings, slots[META], 0) < 0 ||
        put_tag_places(buffer, strings, slots[METRICS], 1) < 0 ||
        put_place_or_first(buffer, strings, slots[SPAN_TYPE]) < 0) {
        return GIVE_UP;
    }
    return DONE;
}

static int put_row(State *state, Buffer *buffer, PyObject *strings, PyObject *span)
{
    static const enum span_slot needed[] = {NAME,      SERVICE,  RESOURCE,    SPAN_TYPE, TRACE_ID, SPAN_ID,
                                            PARENT_ID, START_NS, DURATION_NS, ERROR,     META,     METRICS};
    enum { NEEDED = sizeof needed / sizeof *needed };
    PyObject *slots[SPAN_SLOTS] = {NULL};
    int is_whole = IS_SPAN(state, span);
    for (int i = 0; is_whole && i < NEEDED; i++) {
        slots[needed[i]] = Py_XNewRef(SPAN_SLOT(state, span, needed[i]));
        is_whole = slots[needed[i]] != NULL;
    }
    int result = is_whole ? put_row_of(buffer, strings, slots) : GIVE_UP;
    for (int i = 0; i < NEEDED; i++) {
        Py_XDECREF(slots[needed[i]]);
    }
    return result;
}

/* -- a trace ------------------------------------------------------------------------------------------------------- */

static int put_trace(State *state, Buffer *buffer, PyObject *spans, PyObject *strings)
{
    Py_ssize_t count = PyList_GET_SIZE(spans);
    if (reserve(buffer, LONGEST_HEAD) < 0 || put_array(buffer, count) < 0) {
        return GIVE_UP;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *span = PyList_GET_ITEM(spans, i);
        if (strings == NULL) {
            if (put_span(state, buffer, span) < 0) {
                return GIVE_UP;
            }
            continue;
        }
        Py_INCREF(span);
        int failed = put_row(state, buffer, strings, span);
        Py_DECREF(span);
        if (failed < 0 || PyList_GET_SIZE(spans) != count) {
            return GIVE_UP;
        }
    }
    return DONE;
}

static PyObject *encode(State *state, PyObject *spans, PyObject *strings)
{
    Buffer buffer = {.longest_value = state->longest_value};
    PyObject *encoded;
    if (PyList_CheckExact(spans) && put_trace(state, &buffer, spans, strings) == DONE) {
        encoded = PyBytes_FromStringAndSize((const char *)buffer.start, buffer.at - buffer.start);
    } else {
        /* Whatever it was, Python's own encoder finds it again; but nobody may lose an interrupt. */
        if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_Exception)) {
            PyErr_Clear();
        }
        encoded = PyErr_Occurred() ? NULL : GIVE_BACK;
    }
    PyMem_Free(buffer.start);
    return encoded;
}

static PyObject *encode_maps(State *state, PyObject *const *args, Py_ssize_t count)
{
    return count == 1 ? encode(state, args[0], NULL) : GIVE_BACK;
}

static PyObject *encode_rows(State *state, PyObject *const *args, Py_ssize_t count)
{
    return count == 2 && PyDict_Check(args[1]) ? encode(state, args[0], args[1]) : GIVE_BACK;
}

Version find_encoding_version(const char *name)
{
    static const NamedVersion versions[] = {
        {"encode_maps", encode_maps},
        {"encode_rows", encode_rows},
    };
    FIND_VERSION(versions, name);
}
