package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/models"
)

// AuditCommand looks after the audit trail.
type AuditCommand struct {
	Export AuditExportCommand `cmd:"" help:"Print the audit trail as JSON Lines, the oldest entry first. That it was done stands in the trail, too."`
}

// AuditExportCommand prints the audit trail.
type AuditExportCommand struct {
	Bank     *string   `help:"Only of this bank; of what belongs to no bank when empty. Default: everything." placeholder:"BANK"`
	From     time.Time `help:"Only from this instant on, such as 2026-01-31T00:00:00Z." format:"2006-01-02T15:04:05Z07:00" placeholder:"INSTANT"`
	Before   time.Time `help:"Only before this instant." format:"2006-01-02T15:04:05Z07:00" placeholder:"INSTANT"`
	Customer string    `help:"Only about this customer (cus_…)." placeholder:"CUSTOMER"`
	User     string    `help:"Only by this user: a name, or an identifier (usr_…)." placeholder:"USER"`
	Action   string    `help:"Only this action, such as updateCustomer." placeholder:"ACTION"`
	Outcome  string    `help:"Only this outcome: ${enum}." enum:"DONE,DENIED,LIMITED," default:""`
	Out      string    `help:"A new file to write. Default: standard output." type:"path" placeholder:"FILE"`
}

// auditLine is an entry as it is printed: what the graph shows, in the graph's words.
type auditLine struct {
	ID            string                `json:"id"`
	BankID        *string               `json:"bankId"`
	OccurredAt    time.Time             `json:"occurredAt"`
	Action        string                `json:"action"`
	Outcome       models.AuditOutcome   `json:"outcome"`
	Times         int                   `json:"times"`
	UserID        *string               `json:"userId"`
	Username      *string               `json:"username"`
	ClientID      string                `json:"clientId"`
	CustomerID    *string               `json:"customerId"`
	ObjectID      *string               `json:"objectId"`
	Changes       []*models.AuditChange `json:"changes"`
	CorrelationID string                `json:"correlationId"`
}

// Run prints a line an entry.
func (c *AuditExportCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		filter, err := c.filter(ctx, store)
		if err != nil {
			return err
		}
		if c.Out == "" {
			return c.export(ctx, store, filter, os.Stdout)
		}
		file, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("make the file: %w", err)
		}
		err = c.export(ctx, store, filter, file)
		if failure := file.Close(); err == nil && failure != nil {
			err = fmt.Errorf("write the file: %w", failure)
		}
		return err
	})
}

func (c *AuditExportCommand) filter(ctx context.Context, store *db.Store) (models.AuditFilter, error) {
	filter := models.AuditFilter{}
	if c.Action != "" {
		filter.Action = &c.Action
	}
	if c.Outcome != "" {
		outcome := models.AuditOutcome(c.Outcome)
		filter.Outcome = &outcome
	}
	if !c.From.IsZero() || !c.Before.IsZero() {
		filter.OccurredAt = &models.DateTimeRange{}
		if !c.From.IsZero() {
			filter.OccurredAt.From = &c.From
		}
		if !c.Before.IsZero() {
			filter.OccurredAt.Before = &c.Before
		}
	}
	if c.Customer != "" {
		id, err := models.ParseID(c.Customer)
		if err != nil {
			return filter, err
		}
		filter.CustomerID = &id
	}
	if c.User != "" {
		user, err := findUser(ctx, store, c.User)
		if err != nil {
			return filter, err
		}
		id := user.ID()
		filter.UserID = &id
	}
	return filter, nil
}

func (c *AuditExportCommand) export(ctx context.Context, store *db.Store, filter models.AuditFilter, to io.Writer) error {
	lines := bufio.NewWriter(to)
	encoder := json.NewEncoder(lines)
	encoder.SetEscapeHTML(false)
	err := bank.New(store).ExportAudit(ctx, c.Bank, filter, func(e *models.AuditEntry) error {
		return encoder.Encode(auditLine{
			e.ID().String(), e.BankID(), e.OccurredAt.UTC(), e.Action, e.Outcome, e.Times, textOf(e.UserID()), e.Username, e.ClientID, textOf(e.CustomerID()), e.ObjectID, e.Changes(), e.CorrelationID,
		})
	})
	if err != nil {
		return err
	}
	if err := lines.Flush(); err != nil {
		return fmt.Errorf("write the lines: %w", err)
	}
	return nil
}

func textOf(id *models.ID) *string {
	if id == nil {
		return nil
	}
	text := id.String()
	return &text
}
