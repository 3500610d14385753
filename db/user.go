package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// callerSQL reads all that a user is entitled to, through one application, in one statement: it runs
// before every operation. Roles come as columns, each an array, and in no order: for somebody with a hundred of them, to make
// JSON and to sort by the language's rules was more work than all else that an overview of a customer asks of Postgres. Views on accounts come alike, and what each view
// permits once, however many accounts it is on: it is a list of dozens.
const callerSQL = `
SELECT app_user.user_id, app_user.issuer, app_user.subject, app_user.username, app_user.email, app_user.created_at,
       consumer.is_enabled, held.ids, held.banks, held.roles, held.times,
       granted.banks, granted.accounts, granted.views, granted.clients,
       (SELECT coalesce(jsonb_object_agg(view_id, permissions), '{}') FROM account_view WHERE view_id = ANY(granted.views)),
       (SELECT coalesce(jsonb_agg(jsonb_build_object('bank_id', link.bank_id, 'customer_id', link.customer_id) ORDER BY link.bank_id), '[]')
        FROM user_customer_link AS link WHERE link.user_id = app_user.user_id AND link.is_active)
FROM app_user
LEFT JOIN consumer ON consumer.issuer = app_user.issuer AND consumer.client_id = $3
CROSS JOIN LATERAL (
       SELECT array_agg(entitlement_id) AS ids, array_agg(bank_id) AS banks, array_agg(role) AS roles, array_agg(created_at) AS times
       FROM entitlement WHERE entitlement.user_id = app_user.user_id) AS held
CROSS JOIN LATERAL (
       SELECT array_agg(bank_id) AS banks, array_agg(account_id) AS accounts, array_agg(view_id) AS views, array_agg(client_id) AS clients
       FROM (SELECT bank_id, account_id, view_id, client_id FROM account_access
             WHERE account_access.user_id = app_user.user_id AND account_access.client_id IN ('', $3)
             ORDER BY bank_id, account_id, view_id) AS access) AS granted
WHERE app_user.issuer = $1 AND app_user.subject = $2`

// callersOf reads the same for those whom a statement gives by issuer, subject and application.
func callersOf(asked string) string {
	return `
WITH asked AS MATERIALIZED (` + asked + `)
SELECT asked.issuer, asked.subject, asked.client_id, caller.*
FROM asked
CROSS JOIN LATERAL (` + strings.NewReplacer("$1", "asked.issuer", "$2", "asked.subject", "$3", "asked.client_id").Replace(callerSQL) + ` LIMIT 1) AS caller`
}

var selectCallers = callersOf("SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[]) AS login (issuer, subject, client_id)")

// Caller is the user whom an issuer knows as subject, with all that they are entitled to through an application.
// Users and applications that were never seen are written down first: roles can then be given to
// them, and an application can be switched off.
func (s *Store) Caller(ctx context.Context, user models.User, clientID string) (*models.Caller, error) {
	caller, complete, err := s.caller(ctx, user.Issuer, user.Subject, clientID)
	if err != nil || complete {
		return caller, err
	}
	err = s.InTx(ctx, func(tx *Store) error { return tx.meet(ctx, &user, clientID) })
	if err != nil {
		return nil, err
	}
	caller, _, err = s.caller(ctx, user.Issuer, user.Subject, clientID)
	return caller, err
}

// caller also says whether both the user and the application were found.
func (s *Store) caller(ctx context.Context, issuer, subject, clientID string) (*models.Caller, bool, error) {
	var row callerRow
	err := s.pool.QueryRow(ctx, callerSQL, pgx.QueryExecModeCacheStatement, issuer, subject, clientID).Scan(row.targets()...)
	if none(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, known(err)
	}
	return row.caller(clientID)
}

// Callers are some who were met before, with all that they are entitled to by now, in one statement. Somebody who is not found, or whose application is not, is left out.
func (s *Store) Callers(ctx context.Context, logins []models.Login) (map[models.Login]*models.Caller, error) {
	issuers, subjects, clients := make([]string, len(logins)), make([]string, len(logins)), make([]string, len(logins))
	for i, login := range logins {
		issuers[i], subjects[i], clients[i] = login.Issuer, login.Subject, login.ClientID
	}
	return query[map[models.Login]*models.Caller]{selectCallers, []any{issuers, subjects, clients}, collectCallers}.alone(ctx, s)
}

// collectCallers takes the rows of callersOf. Somebody whose rights cannot be understood is left out as well: it must not keep all others from what is new.
func collectCallers(rows pgx.Rows) (map[models.Login]*models.Caller, error) {
	defer rows.Close()
	callers := map[models.Login]*models.Caller{}
	for rows.Next() {
		var login models.Login
		var row callerRow
		if err := rows.Scan(append([]any{&login.Issuer, &login.Subject, &login.ClientID}, row.targets()...)...); err != nil {
			return nil, err
		}
		if caller, isComplete, err := row.caller(login.ClientID); isComplete && err == nil {
			callers[login] = caller
		}
	}
	return callers, rows.Err()
}

// callerRow is what callerSQL gives of a caller.
type callerRow struct {
	user      models.User
	isEnabled *bool
	held      roleColumns
	granted   accessColumns
	links     []byte
}

func (r *callerRow) targets() []any {
	return []any{
		&r.user.UserID, &r.user.Issuer, &r.user.Subject, &r.user.Username, &r.user.Email, &r.user.CreatedAt,
		&r.isEnabled, &r.held.ids, &r.held.banks, &r.held.roles, &r.held.times,
		&r.granted.banks, &r.granted.accounts, &r.granted.views, &r.granted.clients, &r.granted.permissions, &r.links,
	}
}

// caller is the row as the caller, and says whether the application was found.
func (r *callerRow) caller(clientID string) (*models.Caller, bool, error) {
	caller := &models.Caller{ClientID: clientID, User: &r.user, Entitlements: r.held.of(r.user.UserID)}
	var failure error
	caller.Access, failure = r.granted.access()
	if err := errors.Join(failure, json.Unmarshal(r.links, &caller.Links)); err != nil {
		return nil, false, fmt.Errorf("read what a caller is entitled to: %w", err)
	}
	// A token that names no application is the user's own tool: there is nothing to switch off.
	caller.IsEnabled = clientID == "" || r.isEnabled != nil && *r.isEnabled
	return caller, clientID == "" || r.isEnabled != nil, nil
}

// roleColumns are the entitlements of a user, column by column.
type roleColumns struct {
	ids          [][16]byte
	banks, roles []string
	times        []time.Time
}

// of are the entitlements as rows of the user whose they are.
func (c roleColumns) of(user uuid.UUID) []*models.Entitlement {
	rows, held := make([]models.Entitlement, len(c.ids)), make([]*models.Entitlement, len(c.ids))
	for i := range rows {
		rows[i] = models.Entitlement{EntitlementID: c.ids[i], UserID: user, BankIDOrNone: c.banks[i], Role: c.roles[i], CreatedAt: c.times[i]}
		held[i] = &rows[i]
	}
	return held
}

// accessColumns are the views of a user on accounts, column by column, and what each view permits.
type accessColumns struct {
	banks, views, clients []string
	accounts              [][16]byte
	permissions           []byte
}

// access are the views as rows. Rows of one view share what it permits.
func (c accessColumns) access() ([]*models.AccountAccess, error) {
	var permissions map[string][]string
	if err := json.Unmarshal(c.permissions, &permissions); err != nil {
		return nil, err
	}
	rows, access := make([]models.AccountAccess, len(c.banks)), make([]*models.AccountAccess, len(c.banks))
	for i := range rows {
		rows[i] = models.AccountAccess{BankID: c.banks[i], AccountID: c.accounts[i], ViewID: c.views[i], ClientID: c.clients[i], Permissions: permissions[c.views[i]]}
		access[i] = &rows[i]
	}
	return access, nil
}

// meet writes down a user and an application that may be new.
func (s *Store) meet(ctx context.Context, user *models.User, clientID string) error {
	if err := s.InsertUser(ctx, user); err != nil {
		return err
	}
	if clientID == "" {
		return nil
	}
	_, err := s.rows.NewRaw("INSERT INTO consumer (issuer, client_id) VALUES (?, ?) ON CONFLICT DO NOTHING", user.Issuer, clientID).Exec(ctx)
	return known(err)
}

// InsertUser writes a user, unless the issuer's subject is there already.
func (s *Store) InsertUser(ctx context.Context, user *models.User) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make an identifier: %w", err)
	}
	user.UserID = id
	_, err = s.rows.NewInsert().Model(user).ExcludeColumn("created_at").On("CONFLICT (issuer, subject) DO NOTHING").Exec(ctx)
	return known(err)
}

// NotePhone writes the phone number of a user.
func (s *Store) NotePhone(ctx context.Context, user *models.User) error {
	_, err := s.rows.NewUpdate().Model(user).Column("phone_number").WherePK().Exec(ctx)
	return known(err)
}

// User is the user with this UUID, nil when there is none.
func (s *Store) User(ctx context.Context, id uuid.UUID) (*models.User, error) {
	return One(ctx, func(user *models.User) *bun.SelectQuery {
		return s.rows.NewSelect().Model(user).Where("user_id = ?", id)
	})
}

// UsersByName are the users with this name: identity providers do not agree on who may be called what.
func (s *Store) UsersByName(ctx context.Context, username string) ([]*models.User, error) {
	users := []*models.User{}
	err := s.rows.NewSelect().Model(&users).Where("username = ?", username).Order("created_at", "user_id").Scan(ctx)
	return users, known(err)
}

// Users are all users, by name.
func (s *Store) Users(ctx context.Context) ([]*models.User, error) {
	users := []*models.User{}
	err := s.rows.NewSelect().Model(&users).Order("username", "user_id").Scan(ctx)
	return users, known(err)
}

// UserPage is a page of all users, the newest first.
func (s *Store) UserPage(ctx context.Context, filter *models.UserFilter, page models.Page) (*models.UserConnection, error) {
	if filter == nil {
		filter = &models.UserFilter{}
	}
	if err := checkValues(map[string]*models.StringFilter{"username": filter.Username, "email": filter.Email}); err != nil {
		return nil, err
	}
	return bankPage[models.User](ctx, s, bankList{
		name: cursorName("users", filter), isOfNoBank: true, order: sorting{column: "created_at", cast: "timestamptz"}, isDescending: true,
		where: func(query *bun.SelectQuery) *bun.SelectQuery {
			return whereText(whereText(query, "username", filter.Username), "email", filter.Email)
		},
	}, page)
}
