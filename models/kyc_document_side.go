package models

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
)

// KycDocumentSides are the places that a document has for files, in the spelling of the graph.
var KycDocumentSides = []string{"portrait", "frontSide", "backSide", "otherSide1", "otherSide2", "otherSide3"}

// Sides are the keys of the versions that it shows, in the order of KycDocumentSides; nil where there is none.
func (k *KycDocument) Sides() []**uuid.UUID {
	return []**uuid.UUID{&k.PortraitUUID, &k.FrontSideUUID, &k.BackSideUUID, &k.OtherSide1UUID, &k.OtherSide2UUID, &k.OtherSide3UUID}
}

// Side is the key of the version on a side.
func (k *KycDocument) Side(name string) **uuid.UUID {
	return k.Sides()[slices.Index(KycDocumentSides, name)]
}

// Shown are the versions on its sides.
func (k *KycDocument) Shown() []uuid.UUID {
	var shown []uuid.UUID
	for _, side := range k.Sides() {
		if *side != nil {
			shown = append(shown, **side)
		}
	}
	return shown
}

// Renew puts a version in the place of others.
func (k *KycDocument) Renew(others []uuid.UUID, version uuid.UUID) {
	for _, side := range k.Sides() {
		if *side != nil && slices.Contains(others, **side) {
			*side = &version
		}
	}
}

// Files are the files that the input names, by side; nil takes one away.
func (in *KycDocumentSidesInput) Files() map[string]*ID {
	files := map[string]*ID{}
	if in == nil {
		return files
	}
	for i, given := range []graphql.Omittable[*ID]{in.Portrait, in.FrontSide, in.BackSide, in.OtherSide1, in.OtherSide2, in.OtherSide3} {
		if file, isGiven := given.ValueOK(); isGiven {
			files[KycDocumentSides[i]] = file
		}
	}
	return files
}
