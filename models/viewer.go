package models

import "slices"

// Viewer is the caller as the graph shows them to themselves.
type Viewer struct{ *Caller }

// AccountAccess are the views that the caller has on accounts.
func (v Viewer) AccountAccess() []*AccountAccess { return v.Access }

// Entitlements are the roles that the caller holds, by bank and name: they are kept as they were read.
func (v Viewer) Entitlements() []*Entitlement {
	held := slices.Clone(v.Caller.Entitlements)
	SortEntitlements(held)
	return held
}
