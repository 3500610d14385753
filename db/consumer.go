package db

import (
	"context"

	"github.com/uptrace/bun"

	"bankgraph/models"
)

// LockConsumer is the application with this name at an identity provider, nil when there is none. It stays as it is until the
// transaction ends.
func (s *Store) LockConsumer(ctx context.Context, issuer, clientID string) (*models.Consumer, error) {
	return One(ctx, func(consumer *models.Consumer) *bun.SelectQuery {
		return s.rows.NewSelect().Model(consumer).Where("issuer = ?", issuer).Where("client_id = ?", clientID).For("NO KEY UPDATE")
	})
}

// UpdateConsumer writes whether an application is on.
func (s *Store) UpdateConsumer(ctx context.Context, consumer *models.Consumer) error {
	_, err := s.rows.NewUpdate().Model(consumer).Column("is_enabled").WherePK().Exec(ctx)
	return known(err)
}

// ConsumerPage is a page of all applications, by name.
func (s *Store) ConsumerPage(ctx context.Context, page models.Page) (*models.ConsumerConnection, error) {
	return bankPage[models.Consumer](ctx, s, bankList{name: "consumers", isOfNoBank: true, order: sorting{column: "client_id", cast: "text", keyCast: "text"}}, page)
}

// Consumers are all applications, by name.
func (s *Store) Consumers(ctx context.Context) ([]*models.Consumer, error) {
	consumers := []*models.Consumer{}
	err := s.rows.NewSelect().Model(&consumers).Order("client_id", "issuer").Scan(ctx)
	return consumers, known(err)
}
