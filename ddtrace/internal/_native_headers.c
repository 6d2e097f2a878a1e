/* Read ids and names out of headers: what ddtrace/propagation/_headers.py does, for plain ASCII.
 *
 * Nothing here runs other code, and nothing is changed.
 */

#include "_native.h"

static int is_ascii(PyObject *text)
{
    return PyUnicode_CheckExact(text) && PyUnicode_IS_COMPACT_ASCII(text);
}

/* with_lower_names, for headers whose names are in lower case already */
static PyObject *with_lower_names(State *Py_UNUSED(state), PyObject *const *args, Py_ssize_t count)
{
    if (count != 1 || !PyDict_CheckExact(args[0])) {
        return GIVE_BACK;
    }
    PyObject *name;
    Py_ssize_t position = 0;
    while (PyDict_Next(args[0], &position, &name, NULL)) {
        if (!is_ascii(name)) {
            return GIVE_BACK;
        }
        const Py_UCS1 *characters = PyUnicode_1BYTE_DATA(name);
        for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(name); i++) {
            if (characters[i] >= 'A' && characters[i] <= 'Z') {
                return GIVE_BACK;
            }
        }
    }
    return Py_NewRef(args[0]);
}

/* read_id, for digits and nothing else */
static PyObject *read_id(State *Py_UNUSED(state), PyObject *const *args, Py_ssize_t count)
{
    /* Twenty digits may be too many for 64 bits. */
    if (count != 1 || !is_ascii(args[0]) || PyUnicode_GET_LENGTH(args[0]) < 1 || PyUnicode_GET_LENGTH(args[0]) > 20) {
        return GIVE_BACK;
    }
    const Py_UCS1 *characters = PyUnicode_1BYTE_DATA(args[0]);
    uint64_t value = 0;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(args[0]); i++) {
        if (characters[i] < '0' || characters[i] > '9') {
            return GIVE_BACK;
        }
        uint64_t digit = characters[i] - '0';
        if (value > (UINT64_MAX - digit) / 10) {
            return GIVE_BACK;
        }
        value = 10 * value + digit;
    }
    return PyLong_FromUnsignedLongLong(value);
}

/* read_high_id, for what is one */
static PyObject *read_high_id(State *Py_UNUSED(state), PyObject *const *args, Py_ssize_t count)
{
    if (count != 1 || !is_ascii(args[0]) || PyUnicode_GET_LENGTH(args[0]) != 16) {
        return GIVE_BACK;
    }
    const Py_UCS1 *characters = PyUnicode_1BYTE_DATA(args[0]);
    uint64_t value = 0;
    for (int i = 0; i < 16; i++) {
        unsigned digit;
        if (characters[i] >= '0' && characters[i] <= '9') {
            digit = characters[i] - '0';
        } else if (characters[i] >= 'a' && characters[i] <= 'f') {
            digit = characters[i] - 'a' + 10;
        } else {
            return GIVE_BACK;
        }
        value = value << 4 | digit;
    }
    return PyLong_FromUnsignedLongLong(value);
}

Version find_headers_version(const char *name)
{
    static const NamedVersion versions[] = {
        {"with_lower_names", with_lower_names},
        {"read_id", read_id},
        {"read_high_id", read_high_id},
    };
    FIND_VERSION(versions, name);
}
