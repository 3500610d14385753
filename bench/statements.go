package main

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// collection says where the rows of one list are.
type collection struct {
	field, table, parent, order string
	row                         reflect.Type
	isPage                      bool
	children                    []collection
	only                        string // a condition on the rows
}

// that is the collection of those rows only of which a condition holds.
func (c collection) that(condition string) collection {
	c.only = " AND " + condition
	return c
}

func rowsOf[T any](field, table, parent, order string, children ...collection) collection {
	return collection{field, table, parent, order, reflect.TypeFor[T](), false, children, ""}
}

func pageOf[T any](field, table, parent, order string, children ...collection) collection {
	return collection{field, table, parent, order, reflect.TypeFor[T](), true, children, ""}
}

// collections are all lists of an overview, in the graph's order of rows.
var collections = []collection{
	rowsOf[attribute]("attributes", "customer_attribute", "customer_id", "name, customer_attribute_id"),
	rowsOf[address]("addresses", "customer_address", "customer_id", "created_at, customer_address_id"),
	rowsOf[taxResidence]("taxResidences", "tax_residence", "customer_id", "created_at, tax_residence_id"),
	rowsOf[socialMediaHandle]("socialMediaHandles", "social_media_handle", "customer_id", "added_at, social_media_handle_id"),
	pageOf[kycCheck]("kycChecks", "kyc_check", "customer_id", "checked_at DESC, kyc_check_id DESC"),
	pageOf[kycDocument]("kycDocuments", "kyc_document", "customer_id", "created_at DESC, kyc_document_id DESC").that("superseded_at IS NULL"),
	pageOf[kycMedia]("kycMedia", "kyc_media", "customer_id", "taken_at DESC, kyc_media_id DESC"),
	pageOf[kycStatus]("kycStatuses", "kyc_status", "customer_id", "recorded_at DESC, kyc_status_id DESC"),
	pageOf[account]("accounts", "customer_account", "customer_id", "created_at, account_id",
		rowsOf[routing]("routings", "account_routing", "account_id", "scheme"),
		rowsOf[accountAttribute]("attributes", "account_attribute", "account_id", "name, account_attribute_id"),
		rowsOf[contract]("contracts", "account_contract", "account_id", "contract_code")),
}

var wordStart = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// expressions are the columns of a row type: its SQL expressions, and their names in the graph.
func expressions(row reflect.Type) (sql, names []string) {
	for i := range row.NumField() {
		name, expression := row.Field(i).Tag.Get("json"), row.Field(i).Tag.Get("sql")
		if expression == "-" {
			continue
		}
		sql = append(sql, cmp.Or(expression, strings.ToLower(wordStart.ReplaceAllString(name, "${1}_${2}"))))
		names = append(names, name)
	}
	return sql, names
}

func columnList(row reflect.Type) string {
	sql, _ := expressions(row)
	return strings.Join(sql, ", ")
}

func named(row reflect.Type) string {
	sql, names := expressions(row)
	for i := range sql {
		sql[i] += ` AS "` + names[i] + `"`
	}
	return strings.Join(sql, ", ")
}

// finished is the expression of a list as JSON that needs no more work.
func (c collection) finished(parent string) string {
	columns := named(c.row)
	for _, child := range c.children {
		columns += ", " + child.finished(c.table) + ` AS "` + child.field + `"`
	}
	list := fmt.Sprintf(`(SELECT coalesce(json_agg(t), '[]') FROM (SELECT %s FROM %s WHERE %[2]s.%[3]s = %[4]s.%[3]s AND %[2]s.bank_id = %[4]s.bank_id%[6]s ORDER BY %[5]s) AS t)`,
		columns, c.table, c.parent, parent, c.order, c.only)
	if c.isPage {
		return "json_build_object('nodes', " + list + ")"
	}
	return list
}

// Which customers: one by bank and number, or a page of those before another one, the newest first.
const (
	whereOne  = "customer.bank_id = $1 AND customer.customer_number = $2"
	wherePage = "customer.bank_id = $1 AND (customer.created_at, customer.customer_id) < ($2::text::timestamptz, $3::text::uuid) ORDER BY customer.created_at DESC, customer.customer_id DESC LIMIT 50"
)

// oneStatement is the limit: all that is asked for as finished JSON in one statement.
func oneStatement(where string) string {
	columns := named(reflect.TypeFor[overview]())
	for _, list := range collections {
		columns += ", " + list.finished("customer") + ` AS "` + list.field + `"`
	}
	return fmt.Sprintf(`SELECT coalesce(json_agg(t), '[]') FROM (SELECT %s,
		coalesce((SELECT CASE WHEN is_ok THEN 'OK' ELSE 'NOT_OK' END FROM kyc_status AS k WHERE k.customer_id = customer.customer_id AND k.bank_id = customer.bank_id ORDER BY recorded_at DESC, kyc_status_id DESC LIMIT 1), 'NONE') AS "kycStatus",
		(SELECT decided_at FROM kyc_status AS k WHERE k.customer_id = customer.customer_id AND k.bank_id = customer.bank_id AND is_ok ORDER BY recorded_at DESC, kyc_status_id DESC LIMIT 1) AS "lastOkDate"
		FROM customer WHERE %s) AS t`, columns, where)
}

// graphDocument asks the graph for the same.
func graphDocument() (one, page string) {
	fields := overviewFields(reflect.TypeFor[overview](), collections)
	one = "query One($bank: String!, $number: String!) { found: customerOverview(bankId: $bank, customerNumber: $number) { " + fields + " } }"
	page = "query Page($bank: String!, $after: Cursor!) { found: customers(bankId: $bank, first: 50, after: $after) { nodes { " + fields + " } } }"
	return one, page
}

func overviewFields(row reflect.Type, lists []collection) string {
	_, names := expressions(row)
	for i, name := range names {
		if name == "balance" || name == "creditLimit" {
			names[i] += " { amount currency }"
		}
	}
	if row == reflect.TypeFor[overview]() {
		names = append(names, "kycStatus", "lastOkDate")
	}
	for _, list := range lists {
		inner := overviewFields(list.row, list.children)
		if list.isPage {
			inner = "nodes { " + inner + " }"
		}
		names = append(names, list.field+" { "+inner+" }")
	}
	return strings.Join(names, " ")
}
