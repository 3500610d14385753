package models

// Viewer is the caller as the graph shows them to themselves.
type Viewer struct{ *Caller }

// AccountAccess are the views that the caller has on accounts.
func (v Viewer) AccountAccess() []*AccountAccess { return v.Access }
