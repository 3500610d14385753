package models

import (
	"time"

	"github.com/uptrace/bun"
)

// Consumer is an application through which users come, in OBP's word. The identity provider and its name there are its key.
type Consumer struct {
	bun.BaseModel `bun:"table:consumer" db:"-"`

	Issuer    string `bun:",pk"`
	ClientID  string `bun:",pk"`
	IsEnabled bool
	CreatedAt time.Time
}

// Status is what a rejection calls its state.
func (c *Consumer) Status() string { return consumerStatus[c.IsEnabled] }

// ConsumerConnection is a page of applications.
type ConsumerConnection = Connection[Consumer]

// ConsumerEdge is one of them with its place.
type ConsumerEdge = Edge[Consumer]

var consumerStatus = map[bool]string{true: "ENABLED", false: "DISABLED"}
