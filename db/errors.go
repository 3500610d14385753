package db

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bankgraph/models"
)

// constraints is what a row that Postgres refuses means to the caller, by the name of the constraint.
// Nothing else of Postgres' answer is ever shown: its details repeat the values.
var constraints = map[string]func() error{
	"entitlement_user_exists": func() error { return models.Missing("User", "of this identifier").OBP("OBP-20005") },
	"entitlement_once": func() error {
		refusal := models.Errorf(models.InvalidState, "The user holds this role there already.").OBP("OBP-30216")
		refusal.Status, refusal.Allowed = "HELD", []string{"NOT_HELD"}
		return refusal
	},
	"tax_residence_once": func() error {
		return models.Invalid("The customer has this number in this domain already.", "input", "taxNumber")
	},
	"user_customer_link_once": func() error {
		refusal := models.Errorf(models.InvalidState, "The user is a customer of the bank already.").OBP("OBP-30007")
		refusal.Status, refusal.Allowed = "LINKED", []string{"NOT_LINKED"}
		return refusal
	},
	"kyc_check_pkey": func() error { return models.Taken() },
	"kyc_media_pkey": func() error { return models.Taken() },
	"kyc_file_pkey":  func() error { return models.Taken() },
	"account_access_once": func() error {
		refusal := models.Errorf(models.InvalidState, "The user has this view on the account already.")
		refusal.Status, refusal.Allowed = "HELD", []string{"NOT_HELD"}
		return refusal
	},
	"kyc_document_pkey":           func() error { return models.Taken() },
	"kyc_document_one_card_given": func() error { return models.HasPaymentCard() },
	"account_routing_address_once": func() error {
		return models.Invalid("Another account of the bank has one of these addresses.", "input", "routings").OBP("OBP-30115")
	},
	"counterparty_name_once": func() error {
		return models.Invalid("The account has a counterparty with this name.", "input", "name").OBP("OBP-30014")
	},
	"transaction_request_attribute_name_once": func() error {
		return models.Invalid("The request has an attribute with this name.", "input", "name")
	},
	"account_bank_exists": func() error { return models.Missing("Bank", "of this identifier").OBP("OBP-30001") },
	"account_above_floor": func() error {
		return models.Errorf(models.InsufficientFunds, "The account has not enough for this.")
	},
	"account_pkey":            func() error { return models.Taken() },
	"reservation_pkey":        func() error { return models.Taken() },
	"ledger_transaction_pkey": func() error { return models.Taken() },
	"refund_total_within_original": func() error {
		return models.Errorf(models.Policy, "The refunds of a transaction add up to at most its amount.").OBP("OBP-30068")
	},
	"bank_pkey": func() error {
		return models.Invalid("Another bank has this identifier.", "input", "bankId")
	},
	"customer_number_once": func() error {
		return models.Invalid("Another customer of the bank has this number.", "input", "customerNumber").OBP("OBP-30006")
	},
}

// ofColumn is what constraints are called that check one column: customer_legal_name_length is of legal_name in customer.
var ofColumn = regexp.MustCompile(`^(\w+)_(?:length|form|known|bounded|finite)$`)

// violation is a column that Postgres refuses, as the field of the input that it comes from. The verbs check the same before:
// this is the second wall, for what they forgot.
func violation(refused *pgconn.PgError) error {
	column, ofTable := strings.CutPrefix(refused.ConstraintName, refused.TableName+"_")
	found := ofColumn.FindStringSubmatch(column)
	if refused.Code != checkViolation || !ofTable || found == nil {
		return nil
	}
	words := strings.Split(found[1], "_")
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return models.Invalid("This is not as it must be.", "input", strings.Join(words, ""))
}

const checkViolation = "23514"

// SQLSTATE codes that mean: run the transaction again.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// undefinedTable is the SQLSTATE of a database that nobody has migrated.
const undefinedTable = "42P01"

// lockNotAvailable is the SQLSTATE of a statement that has waited for a lock as long as it may.
const lockNotAvailable = "55P03"

// isState says that Postgres refused with one of these.
func isState(err error, states ...string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && slices.Contains(states, refused.Code)
}

func shouldRetry(err error) bool { return isState(err, serializationFailure, deadlockDetected) }

// known gives an error of the driver its meaning: a constraint, a lost connection, a time-out. What it
// does not know it leaves alone, and the caller learns no more than that something went wrong.
func known(err error) error {
	var told *models.Error
	var connecting *pgconn.ConnectError
	var refused *pgconn.PgError
	switch {
	case err == nil, errors.As(err, &told): // what has a meaning keeps it, and its cause
		return err
	case errors.As(err, &connecting): // before Postgres' answer, which may be why there is no connection
		return withCause(models.Unavailable, err)
	case errors.Is(err, context.Canceled): // the client is gone; it looks like a lost connection
		return err
	case errors.As(err, &refused):
		if meaning, named := constraints[refused.ConstraintName]; named {
			return meaning()
		}
		if meaning := violation(refused); meaning != nil {
			return meaning
		}
		return withCause(postgresCode(refused.Code), err)
	case errors.Is(err, context.DeadlineExceeded):
		return withCause(models.Timeout, err)
	case errors.Is(err, sql.ErrConnDone), pgconn.SafeToRetry(err), isConnectionLoss(err):
		return withCause(models.Unavailable, err)
	}
	return err
}

// postgresCode is the code for a class of SQLSTATE; empty for those that are our own fault.
func postgresCode(state string) models.Code {
	switch {
	case state == "57014": // query_canceled, by statement_timeout
		return models.Timeout
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "53"), strings.HasPrefix(state, "57P"),
		state == "25006", state == "25P03", state == lockNotAvailable, state == serializationFailure, state == deadlockDetected:
		return models.Unavailable // connection, resources, shutdown, read-only, idle for too long, lock, retries used up
	}
	return ""
}

// Known gives an error of Postgres its meaning, as all of this room's own reads and writes do: for what runs statements beside it.
func Known(err error) error { return known(err) }

func isConnectionLoss(err error) bool {
	var network *net.OpError // a reset, a broken pipe
	return errors.As(err, &network) || strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF")
}

func withCause(code models.Code, cause error) error {
	var meaning *models.Error
	switch code {
	case models.Timeout:
		meaning = models.Errorf(models.Timeout, "The request took too long and was ended.")
	case models.Unavailable:
		meaning = models.Errorf(models.Unavailable, "The database is not there at the moment: try again.")
	default:
		return cause
	}
	meaning.Err = cause
	return meaning
}

// none says that there is no such row.
func none(err error) bool { return errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) }
