package models

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
)

// KycDocumentSides are the places that a document has for files, in the spelling of the graph.
var KycDocumentSides = []string{"portrait", "frontSide", "backSide", "otherSide1", "otherSide2", "otherSide3"}

// Sides are the keys of its files, in the order of KycDocumentSides; nil where there is none.
func (k *KycDocument) Sides() []**uuid.UUID {
	return []**uuid.UUID{&k.PortraitUUID, &k.FrontSideUUID, &k.BackSideUUID, &k.OtherSide1UUID, &k.OtherSide2UUID, &k.OtherSide3UUID}
}

// Shows says whether a file is on one of its sides.
func (k *KycDocument) Shows(file uuid.UUID) bool {
	return slices.ContainsFunc(k.Sides(), func(side **uuid.UUID) bool { return *side != nil && **side == file })
}

func (in *KycDocumentSidesInput) all() []graphql.Omittable[*ID] {
	return []graphql.Omittable[*ID]{in.Portrait, in.FrontSide, in.BackSide, in.OtherSide1, in.OtherSide2, in.OtherSide3}
}

// Apply writes the files that the input names to the sides, and says whether it names any, and which must be there, by side. Null takes a file away.
func (in *KycDocumentSidesInput) Apply(k *KycDocument) (names bool, files map[string]ID) {
	files = map[string]ID{}
	if in == nil {
		return false, files
	}
	sides := k.Sides()
	for i, given := range in.all() {
		file, isGiven := given.ValueOK()
		if !isGiven {
			continue
		}
		names = true
		*sides[i] = nil
		if file != nil {
			files[KycDocumentSides[i]], *sides[i] = *file, &file.UUID
		}
	}
	return names, files
}
