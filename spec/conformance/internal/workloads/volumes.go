package workloads

import (
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// mount writes a Pod's Secrets and ConfigMaps into folders, by mount path. It is not complete while one of them is missing.
func (c *Controller) mount(pod *pod, spec corev1.PodSpec) (folders map[string]string, complete bool, err error) {
	sources := map[string]string{} // volume: folder
	for _, volume := range spec.Volumes {
		var data map[string][]byte
		var items []corev1.KeyToPath
		switch {
		case volume.Secret != nil:
			secret, failed := c.secrets.Secrets(pod.namespace).Get(volume.Secret.SecretName)
			if err = failed; err == nil {
				data, items = secret.Data, volume.Secret.Items
			}
		case volume.ConfigMap != nil:
			configMap, failed := c.configMaps.ConfigMaps(pod.namespace).Get(volume.ConfigMap.Name)
			if err = failed; err == nil {
				data, items = bytesOf(configMap.Data), volume.ConfigMap.Items
			}
		}
		if apierrors.IsNotFound(err) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		folder := filepath.Join(c.settings.Dir, pod.namespace+"."+pod.name+"."+volume.Name)
		if err := writeFiles(folder, data, items); err != nil {
			return nil, false, err
		}
		sources[volume.Name] = folder
	}
	folders = map[string]string{}
	for _, mount := range spec.Containers[0].VolumeMounts {
		if folder, known := sources[mount.Name]; known {
			folders[mount.MountPath] = folder
		}
	}
	return folders, true, nil
}

func bytesOf(texts map[string]string) map[string][]byte {
	data := map[string][]byte{}
	for key, text := range texts {
		data[key] = []byte(text)
	}
	return data
}

func writeFiles(folder string, data map[string][]byte, items []corev1.KeyToPath) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if len(items) == 0 {
		for key := range data {
			items = append(items, corev1.KeyToPath{Key: key, Path: key})
		}
	}
	for _, item := range items {
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(item.Path)), data[item.Key], 0o600); err != nil {
			return err
		}
	}
	return nil
}
