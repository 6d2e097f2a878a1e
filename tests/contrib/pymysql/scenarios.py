"""How programs use PyMySQL, whose interface is MySQLdb's."""

import pymysql

from ddtrace.contrib.pymysql import integration
from testkit import scenario
from tests.contrib import uses_of_mysqldb as uses
from tests.contrib.uses_of_mysqldb import REDACT  # noqa: F401 (read by the snapshots)


@scenario(integration)
def query_and_fetch(mysql_url):
    return uses.query_and_fetch(pymysql, mysql_url)


@scenario(integration)
def parameters_stay_out(mysql_url):
    return uses.parameters_stay_out(pymysql, mysql_url)


@scenario(integration)
def many_at_once(mysql_url):
    return uses.many_at_once(pymysql, mysql_url)


@scenario(integration)
def procedure(mysql_url):
    return uses.procedure(pymysql, mysql_url)


@scenario(integration)
def commit_and_roll_back(mysql_url):
    return uses.commit_and_roll_back(pymysql, mysql_url)


@scenario(integration)
def block_that_fails(mysql_url):
    return uses.block_that_fails(pymysql, mysql_url)


@scenario(integration)
def rows_of_other_kinds(mysql_url):
    return uses.rows_of_other_kinds(pymysql, mysql_url, cursor=pymysql.cursors.SSDictCursor)


@scenario(integration)
def rows_that_are_left(mysql_url):
    return uses.rows_that_are_left(pymysql, mysql_url)


@scenario(integration)
def classes_of_the_application(mysql_url):
    return uses.classes_of_the_application(pymysql, mysql_url)


@scenario(integration)
def wrong_statement(mysql_url):
    uses.wrong_statement(pymysql, mysql_url)


@scenario(integration)
def constraint_is_violated(mysql_url):
    uses.constraint_is_violated(pymysql, mysql_url)


@scenario(integration)
def what_cannot_be(mysql_url):
    return uses.what_cannot_be(pymysql, mysql_url)


@scenario(integration)
def server_hangs_up(mysql_url):
    uses.server_hangs_up(pymysql, mysql_url)


@scenario(integration)
def closed_connection(mysql_url):
    uses.closed_connection(pymysql, mysql_url)
