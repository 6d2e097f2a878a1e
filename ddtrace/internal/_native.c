/* The hot path of tracing, compiled: what ddtrace/internal/native.py puts in front of functions.
 *
 * Each function stays as it is in Python: it is the reference, it is used where there is no compiler, and it does all
 * that is in any way unusual. The compiled version knows exact types and ordinary values only and gives back the rest,
 * so there is no policy here.
 *
 * Nothing is global: what is known belongs to the module, and each interpreter has its own.
 */

#include "_native.h"

#include <structmember.h>

/* -- the shortcut: a function with a compiled version in front of it ----------------------------------------------- */

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    Version version;
    PyObject *function;
    PyObject *module; /* which the state lives in */
    State *state;
} Shortcut;

static PyObject *shortcut_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Shortcut *shortcut = (Shortcut *)self;
    if (kwnames == NULL || PyTuple_GET_SIZE(kwnames) == 0) {
        PyObject *result = shortcut->version(shortcut->state, args, PyVectorcall_NARGS(nargsf));
        if (result != GIVE_BACK) {
            return result;
        }
    }
    return PyObject_Vectorcall(shortcut->function, args, nargsf, kwnames);
}

static PyObject *shortcut_get(PyObject *self, PyObject *instance, PyObject *Py_UNUSED(owner))
{
    return instance == NULL || instance == Py_None ? Py_NewRef(self) : PyMethod_New(self, instance);
}

/* Name, documentation and the like are the function's. */
static PyObject *shortcut_getattro(PyObject *self, PyObject *name)
{
    Shortcut *shortcut = (Shortcut *)self;
    if (PyUnicode_CompareWithASCIIString(name, "__class__") == 0) {
        return Py_NewRef(Py_TYPE(self));
    }
    if (PyUnicode_CompareWithASCIIString(name, "__wrapped__") == 0) {
        return Py_NewRef(shortcut->function);
    }
    return PyObject_GetAttr(shortcut->function, name);
}

static PyObject *shortcut_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<compiled version of %R>", ((Shortcut *)self)->function);
}

static int shortcut_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Shortcut *)self)->function);
    Py_VISIT(((Shortcut *)self)->module);
    return 0;
}

/* No tp_clear, for a call relies on the function: whatever has a shortcut, a class or a module, can be cleared. */

static void shortcut_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((Shortcut *)self)->function);
    Py_XDECREF(((Shortcut *)self)->module);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef SHORTCUT_MEMBERS[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Shortcut, vectorcall), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot SHORTCUT_SLOTS[] = {
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_descr_get, shortcut_get},
    {Py_tp_getattro, shortcut_getattro},
    {Py_tp_repr, shortcut_repr},
    {Py_tp_members, SHORTCUT_MEMBERS},
    {Py_tp_traverse, shortcut_traverse},
    {Py_tp_dealloc, shortcut_dealloc},
    {0, NULL},
};

static PyType_Spec SHORTCUT_SPEC = {
    .name = "ddtrace.internal._native.Shortcut",
    .basicsize = sizeof(Shortcut),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR |
             Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = SHORTCUT_SLOTS,
};

static PyObject *make_shortcut(PyObject *module, PyObject *args)
{
    State *state = PyModule_GetState(module);
    PyObject *function;
    const char *name;
    if (!PyArg_ParseTuple(args, "Os", &function, &name)) {
        return NULL;
    }
    Version version = find_span_version(name);
    if (version == NULL) {
        version = find_encoding_version(name);
    }
    if (version == NULL) {
        version = find_headers_version(name);
    }
    if (version == NULL) {
        return PyErr_Format(PyExc_LookupError, "there is no compiled version of %s", name);
    }
    Shortcut *shortcut = PyObject_GC_New(Shortcut, state->shortcut_type);
    if (shortcut == NULL) {
        return NULL;
    }
    shortcut->vectorcall = shortcut_vectorcall;
    shortcut->version = version;
    shortcut->function = Py_NewRef(function);
    shortcut->module = Py_NewRef(module);
    shortcut->state = state;
    PyObject_GC_Track(shortcut);
    return (PyObject *)shortcut;
}

/* -- what the versions have to know -------------------------------------------------------------------------------- */

static const char *const SPAN_SLOT_NAMES[SPAN_SLOTS] = {
    "name",        "service", "resource", "span_type", "trace_id", "span_id", "parent_id", "start_ns",
    "duration_ns", "error",   "sampled",  "_meta",     "_metrics", "_parent", "_trace",    "_context",
    "_on_finish",  "_ignored_exceptions",
};

static const char *const TRACE_SLOT_NAMES[TRACE_SLOTS] = {
    "meta", "metrics", "clock", "deactivate", "collect", "generation", "open", "finished",
};

static const char *const TRACER_SLOT_NAMES[TRACER_SLOTS] = {
    "enabled",       "_settings_seen", "_has_span_settings", "_start_hooks", "_service",    "_service_mapping",
    "_new_trace_id", "_next_id",       "_activate",          "_clock",       "_deactivate", "_collect",
};

static int find_slots(PyObject *type, const char *const *names, int count, Py_ssize_t *offsets)
{
    for (int i = 0; i < count; i++) {
        PyObject *descriptor = PyObject_GetAttrString(type, names[i]);
        if (descriptor == NULL) {
            return -1;
        }
        PyMemberDef *member =
            Py_IS_TYPE(descriptor, &PyMemberDescr_Type) ? ((PyMemberDescrObject *)descriptor)->d_member : NULL;
        int is_slot = member != NULL && member->type == T_OBJECT_EX && member->flags == 0;
        if (is_slot) {
            offsets[i] = member->offset;
        }
        Py_DECREF(descriptor);
        if (!is_slot) {
            PyErr_Format(PyExc_TypeError, "%R has no slot %s, as this extension expects", type, names[i]);
            return -1;
        }
    }
    return 0;
}

static int know_type(PyObject *type, const char *const *names, int count, Py_ssize_t *offsets, PyTypeObject **known)
{
    if (type == NULL) {
        return 0;
    }
    if (find_slots(type, names, count, offsets) < 0) {
        return -1;
    }
    Py_XSETREF(*known, (PyTypeObject *)Py_NewRef(type));
    return 0;
}

static void know_object(PyObject *object, PyObject **known)
{
    if (object != NULL) {
        Py_XSETREF(*known, Py_NewRef(object));
    }
}

static int know_seed(State *state, PyObject *seed)
{
    if (seed == NULL) {
        return 0;
    }
    if (PyBytes_GET_SIZE(seed) != sizeof state->seed) {
        PyErr_Format(PyExc_ValueError, "a seed has %zu bytes, got %zd", sizeof state->seed, PyBytes_GET_SIZE(seed));
        return -1;
    }
    memcpy(state->seed, PyBytes_AS_STRING(seed), sizeof state->seed);
    state->is_seeded = 1;
    return 0;
}

static PyObject *know(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"span_type",     "trace_type",  "tracer_type",  "active_item",   "special_tags",
                            "config_values", "fork_values", "top_level_key", "longest_value", "seed", NULL};
    State *state = PyModule_GetState(module);
    PyObject *span_type = NULL, *trace_type = NULL, *tracer_type = NULL, *active_item = NULL, *special_tags = NULL;
    PyObject *config_values = NULL, *fork_values = NULL, *top_level_key = NULL, *seed = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$O!O!O!O!O!O!O!UnS", names, &PyType_Type, &span_type, &PyType_Type,
                                     &trace_type, &PyType_Type, &tracer_type, &PyContextVar_Type, &active_item,
                                     &PyDict_Type, &special_tags, &PyDict_Type, &config_values, &PyDict_Type,
                                     &fork_values, &top_level_key, &state->longest_value, &seed)) {
        return NULL;
    }
    if (know_type(span_type, SPAN_SLOT_NAMES, SPAN_SLOTS, state->span_offsets, &state->span_type) < 0 ||
        know_type(trace_type, TRACE_SLOT_NAMES, TRACE_SLOTS, state->trace_offsets, &state->trace_type) < 0 ||
        know_type(tracer_type, TRACER_SLOT_NAMES, TRACER_SLOTS, state->tracer_offsets, &state->tracer_type) < 0 ||
        know_seed(state, seed) < 0) {
        return NULL;
    }
    know_object(active_item, &state->active_item);
    know_object(special_tags, &state->special_tags);
    know_object(config_values, &state->config_values);
    know_object(fork_values, &state->fork_values);
    know_object(top_level_key, &state->top_level_key);
    Py_RETURN_NONE;
}

/* -- the module ---------------------------------------------------------------------------------------------------- */

static int fill_module(PyObject *module)
{
    State *state = PyModule_GetState(module);
    state->shortcut_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &SHORTCUT_SPEC, NULL);
    state->finish_name = PyUnicode_InternFromString("finish");
    state->min_spans_name = PyUnicode_InternFromString("partial_flush_min_spans");
    state->generation_name = PyUnicode_InternFromString("generation");
    state->apply_settings_name = PyUnicode_InternFromString("_apply_settings");
    state->open_root_name = PyUnicode_InternFromString("_open_local_root");
    state->call_hooks_name = PyUnicode_InternFromString("_call_start_hooks");
    return PyErr_Occurred() ? -1 : 0;
}

#define FOR_EACH_KNOWN(DO)                                                                                             \
    DO(state->shortcut_type);                                                                                          \
    DO(state->span_type);                                                                                              \
    DO(state->trace_type);                                                                                             \
    DO(state->tracer_type);                                                                                            \
    DO(state->active_item);                                                                                            \
    DO(state->special_tags);                                                                                           \
    DO(state->config_values);                                                                                          \
    DO(state->fork_values)

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    FOR_EACH_KNOWN(Py_VISIT);
    return 0;
}

/* A version that finds what it has to know gone gives everything back. */
static int module_clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    FOR_EACH_KNOWN(Py_CLEAR);
    return 0;
}

static void module_free(void *module)
{
    State *state = PyModule_GetState(module);
    module_clear(module);
    Py_CLEAR(state->top_level_key);
    Py_CLEAR(state->finish_name);
    Py_CLEAR(state->min_spans_name);
    Py_CLEAR(state->generation_name);
    Py_CLEAR(state->apply_settings_name);
    Py_CLEAR(state->open_root_name);
    Py_CLEAR(state->call_hooks_name);
}

static PyMethodDef FUNCTIONS[] = {
    {"shortcut", make_shortcut, METH_VARARGS,
     "shortcut($module, function, name, /)\n--\n\nThe function with its compiled version in front of it."},
    {"know", (PyCFunction)(void (*)(void))know, METH_VARARGS | METH_KEYWORDS,
     "know($module, /, **known)\n--\n\n"
     "Tell the versions what they read and write; until then they give everything back."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot MODULE_SLOTS[] = {
    {Py_mod_exec, fill_module},
    {0, NULL},
};

static PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT,
    .m_name = "ddtrace.internal._native",
    .m_doc = "The hot path of tracing, compiled.",
    .m_size = sizeof(State),
    .m_methods = FUNCTIONS,
    .m_slots = MODULE_SLOTS,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&MODULE);
}
