package outbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"bankgraph/models"
)

// Purpose is what the keys are for that codes are sealed with.
const Purpose = "codes of challenges, sealed for their delivery"

// Seal closes a code into a message, so that who reads the database reads no code. A seal opens for its own message, kind and recipient only: moved to
// another message, or to one whose recipient was changed, it stays closed.
type Seal struct{ keys []cipher.AEAD }

// NewSeal is a Seal with the keys of the secret in use, and of those that are still believed.
func NewSeal(keys [][]byte) (*Seal, error) {
	if len(keys) == 0 {
		return nil, errors.New("seal a code: there is no secret to do it with")
	}
	seal := &Seal{}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("seal a code: %w", err)
		}
		sealed, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("seal a code: %w", err)
		}
		seal.keys = append(seal.keys, sealed)
	}
	return seal, nil
}

// SealCode seals a code into a message, whose identifier, kind and recipient must not change from then on.
func (s *Seal) SealCode(message *models.OutboxMessage, code string) error {
	nonce := make([]byte, s.keys[0].NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("seal a code: %w", err)
	}
	message.Sealed = s.keys[0].Seal(nonce, nonce, []byte(code), bound(message))
	return nil
}

// errSeal says that a seal is none of ours, or was moved. It has no more to say: nothing of the seal belongs into a log.
var errSeal = errors.New("the seal of a message does not open")

// open is the code in a message.
func (s *Seal) open(message *models.OutboxMessage) (string, error) {
	for _, key := range s.keys {
		if len(message.Sealed) < key.NonceSize() {
			break
		}
		nonce, sealed := message.Sealed[:key.NonceSize()], message.Sealed[key.NonceSize():]
		if code, err := key.Open(nil, nonce, sealed, bound(message)); err == nil {
			return string(code), nil
		}
	}
	return "", errSeal
}

// bound is what a seal is bound to. None of the parts but the last can hold the sign between them.
func bound(m *models.OutboxMessage) []byte {
	return []byte(strings.Join([]string{m.MessageID.String(), m.BankID, string(m.Kind), m.AboutID.String(), m.Recipient}, "\n"))
}
